using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Granite 3 and Phi 4 mini write them: <c>&lt;|tool_call|&gt;</c> and a JSON list.</summary>
/// <remarks>Source: the templates of Granite 3.3 and Phi 4 mini.</remarks>
internal static class Granite
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("granite", "<|tool_call|>")
    {
        Calls =
        [
            new("<|tool_call|>", () => new BracketEnd(new() { Closes = ["<|/tool_call|>"] }), CallJson.Read) { IsSpecial = true },
            new("<tool_call>", () => new BracketEnd(new() { Closes = ["</tool_call>"] }), CallJson.Read),
        ],
    });
}
