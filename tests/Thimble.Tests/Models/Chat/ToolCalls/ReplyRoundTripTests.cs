using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>What the templates make their models write is read back as what was written.</summary>
public sealed class ReplyRoundTripTests
{
    private const string Folder = "data/chat-templates";

    private static readonly ChatToolCall
        s_weather = new("get_weather", """{"city": "São \"P\" {x}", "days": 3}""", "call00001"),
        s_note = new("note", """{"text": "a\nb <b> [1] }{ 'q' \\ ☂", "code": "42", "by": -1.5, "loud": true}""", "call00002");

    private static readonly (string Name, ChatTurn Turn)[] s_turns =
    [
        ("one", new("assistant", "") { ToolCalls = [s_weather] }),
        ("two", new("assistant", "") { ToolCalls = [s_weather, s_note] }),
        ("empty", new("assistant", "") { ToolCalls = [s_weather with { Arguments = "{}" }] }),
        ("plain", new("assistant", "") { ToolCalls = [s_note with { Arguments = """{"text": "a b", "by": 2}""" }, s_weather] }),
        ("said", new("assistant", "Let me look.") { ToolCalls = [s_note] }),
        ("thought", new("assistant", "") { ToolCalls = [s_weather], Reasoning = "I need it.\nSoon." }),
        ("answer", new("assistant", "It rains.") { Reasoning = "Looked.\n\nOut." }),
    ];

    [SharedFact(Folder, 33)]
    public void What_a_template_writes_is_read_back() => Check(ReplyCase.Names.Where(name => char.IsUpper(name[0])));

    [SharedFact(Folder, 32)]
    public void What_a_template_of_the_other_half_writes_is_read_back() => Check(ReplyCase.Names.Where(name => char.IsLower(name[0])));

    [SharedFact(Folder, 1)]
    public void Every_template_is_a_case() =>
        Assert.Equal(Directory.GetFiles(Golden.Shared(Folder), "*.jinja").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(), ReplyCase.Names.Order());

    private static void Check(IEnumerable<string> names)
    {
        List<string> faults = [];
        foreach (string name in names)
        {
            var known = ReplyCase.Of(name);
            var template = ChatTemplate.Parse(File.ReadAllText(Golden.Shared($"{Folder}/{name}.jinja")));
            var format = ReplyFormat.Of(template, WrittenReply.Tools);
            if (format.Name != known.Family)
                faults.Add($"{name}: is {format.Name}, not {known.Family}");
            foreach ((string kind, ChatTurn turn) in s_turns)
            {
                string? fault = Fault(template, format, turn);
                if (fault is not null != known.Excepts(kind))
                    faults.Add($"{name}, {kind}: {fault ?? "is no exception"}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static string? Fault(ChatTemplate template, ReplyFormat format, ChatTurn turn)
    {
        if (WrittenReply.Of(template, format, turn) is not { } written)
            return "is not written";
        var expected = (Shown(written, turn.Content), Shown(written, turn.Reasoning), string.Join("; ", turn.ToolCalls.Select(Reply.Written)));
        var reply = Reply.Of(format, written.Prompt, written.Text);
        return expected == (reply.Text.Trim(), reply.Reasoning, reply.Calls) ? null : $"{written.Text}\n      expected {expected}\n      read {reply}";
    }

    /// <summary>A text where the template writes it: some leave text out beside calls, most reasoning of turns that are past.</summary>
    private static string Shown(WrittenReply written, string? text) =>
        text is { Length: > 0 } && written.Text.Contains(text, StringComparison.Ordinal) ? text : "";
}
