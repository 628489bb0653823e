using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Command R7B and A write them: a JSON list between <c>&lt;|START_ACTION|&gt;</c> and <c>&lt;|END_ACTION|&gt;</c>.</summary>
/// <remarks>Source: Cohere, Command R7B model card, 2024.</remarks>
internal static class CommandR
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("command-r7b", "<|START_ACTION|>", "<|END_ACTION|>")
    {
        IsAlways = true,
        Calls = [new("<|START_ACTION|>", () => new BracketEnd(new() { Closes = ["<|END_ACTION|>"] }), CallJson.Read) { IsSpecial = true }],
        Silent = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
    });
}
