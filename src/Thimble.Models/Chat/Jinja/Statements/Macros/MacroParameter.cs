namespace Thimble.Models.Chat;

/// <summary>A parameter of a macro.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Standard">What it is where a call leaves it out, if anything.</param>
internal sealed record MacroParameter(string Name, Expression? Standard);
