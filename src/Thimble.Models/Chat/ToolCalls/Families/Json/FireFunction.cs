using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as FireFunction 2 writes them: <c>functools</c> and a JSON list.</summary>
/// <remarks>Source: Fireworks, FireFunction v2 model card, 2024.</remarks>
internal static class FireFunction
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("firefunction", "functools[")
    {
        Calls = [new("functools", () => new BracketEnd(new()), CallJson.Read)],
    });
}
