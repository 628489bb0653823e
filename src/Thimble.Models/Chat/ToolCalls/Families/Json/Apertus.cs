using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Apertus writes them: a list of objects, each with the tool's name as its key.</summary>
/// <remarks>Source: the template of Apertus 8B.</remarks>
internal static class Apertus
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("apertus", "<|tools_prefix|>")
    {
        Calls = [new("<|tools_prefix|>", () => new BracketEnd(new() { Closes = ["<|tools_suffix|>"] }), CallJson.ReadKeyed) { IsSpecial = true }],
    });
}
