using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as GigaChat writes them: one JSON object after <c>&lt;|function_call|&gt;</c>, or in a message of its own.</summary>
/// <remarks>Source: the templates of GigaChat 3 and 3.1.</remarks>
internal static class GigaChat
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("gigachat", "<|message_sep|>", "<|role_sep|>")
    {
        Calls =
        [
            new("<|function_call|>", () => new BracketEnd(new() { Closes = ["<|message_sep|>"] }), CallJson.Read) { IsSpecial = true },
            new("<|message_sep|>\n\nfunction call<|role_sep|>\n", () => new BracketEnd(new() { Closes = ["<|message_sep|>"] }), CallJson.Read) { IsSpecial = true },
        ],
    });
}
