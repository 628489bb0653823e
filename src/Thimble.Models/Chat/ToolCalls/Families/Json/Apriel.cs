using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Apriel writes them: a JSON list in <c>&lt;tool_calls&gt;</c>; reasoning goes on up to the mark of the final response.</summary>
/// <remarks>Source: the templates of Apriel 1.5 and 1.6.</remarks>
internal static class Apriel
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("apriel", "<tool_calls>", "</tool_calls>")
    {
        IsAlways = true,
        Calls = [new("<tool_calls>", () => new BracketEnd(new() { Closes = ["</tool_calls>"] }), CallJson.Read)],
        Silent = ["[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"],
        Thinking = [("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"), ("<thinking>", "</thinking>")],
    });
}
