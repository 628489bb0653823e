using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Hermes 2 and most since write them: <c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c>, one block a call.</summary>
/// <remarks>Source: Nous Research, Hermes 2 Pro model card, 2024; the Qwen 2.5 and 3 and Granite 4 templates.</remarks>
internal static class Hermes
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("hermes", "<tool_call>")
    {
        Calls = [new("<tool_call>", () => new BracketEnd(new() { Closes = ["</tool_call>"] }), CallJson.Read)],
    });
}
