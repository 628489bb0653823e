namespace Thimble.Models.Chat;

/// <summary>A call of a tool.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments as a JSON object, such as <c>{"city": "Paris"}</c>.</param>
/// <param name="Id">What the answer refers to; null where the model gives none.</param>
public sealed record ChatToolCall(string Name, string Arguments, string? Id = null);
