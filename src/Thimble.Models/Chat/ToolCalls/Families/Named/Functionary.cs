using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Functionary writes them: version 3.1 in <c>&lt;function=name&gt;{…}&lt;/function&gt;</c>, version 3.2 after <c>&gt;&gt;&gt;name</c>.</summary>
/// <remarks>Source: MeetKai, Functionary model cards, 2024.</remarks>
internal static class Functionary
{
    [ModuleInitializer]
    internal static void Register()
    {
        ReplyFamilies.Add(new("functionary-3.1", "<function=", "</function>")
        {
            Calls =
            [
                new("<function=", () => new BracketEnd(new() { IsNamed = true, Closes = ["</function>"] }), ReadTagged),
                new("<|python_tag|>", () => new BracketEnd(new()), CallJson.Read) { IsSpecial = true },
            ],
            Silent = ["<|eom_id|>"],
        });
        ReplyFamilies.Add(new("functionary-3.2", ">>>${recipient}")
        {
            IsAlways = true,
            Calls = [new(">>>", () => new ChannelEnd("\n", Opens, new()), ReadChannel)],
        });
    }

    private static ReplyPartKind Opens(string recipient) => recipient.Trim() == "all" ? ReplyPartKind.Text : ReplyPartKind.Call;

    private static IReadOnlyList<ChatToolCall>? ReadTagged(string head, string value, ToolSchemas tools) =>
        head.TrimEnd().EndsWith('>') ? CallJson.Named(head.TrimEnd()[..^1], value) : null;

    private static IReadOnlyList<ChatToolCall>? ReadChannel(string head, string value, ToolSchemas tools) => CallJson.Named(head, value);
}
