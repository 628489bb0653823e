using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>How a model writes its replies: which marks stand around reasoning and calls of tools.</summary>
/// <remarks>The marks are often special tokens. Where <see cref="NeedsSpecial"/> says so, text must be generated with special
/// tokens shown, or the marks are missing from it.</remarks>
internal sealed class ReplyFormat
{
    private static readonly ConditionalWeakTable<ChatTemplate, Found> s_found = [];

    private ReplyFormat(ReplyFamily family, IReadOnlyList<(string Open, string Close)> thinking, ToolSchemas tools, bool calls, bool special)
    {
        bool isRead = calls || family.IsAlways;
        (Name, Thinking, Tools) = (family.Name, thinking, tools);
        Calls = isRead ? family.Calls : [];
        Before = isRead ? family.Before : [];
        After = isRead ? family.After : [];
        Silent = isRead ? family.Silent : [];
        NeedsSpecial = special || Calls.Count > 0;
    }

    /// <summary>The name of the line of models that replies so; <c>plain</c> where the template names none.</summary>
    public string Name { get; }

    /// <summary>Whether text must be generated with special tokens shown.</summary>
    public bool NeedsSpecial { get; }

    internal IReadOnlyList<CallSyntax> Calls { get; }

    internal IReadOnlyList<string> Before { get; }

    internal IReadOnlyList<string> After { get; }

    internal IReadOnlyList<string> Silent { get; }

    internal IReadOnlyList<(string Open, string Close)> Thinking { get; }

    internal ToolSchemas Tools { get; }

    /// <summary>How replies are written to a prompt that a template made.</summary>
    /// <param name="template">The model's template; null where it has none.</param>
    /// <param name="tools">The tools on offer, as the template got them; where empty, replies are not searched for calls.</param>
    public static ReplyFormat Of(ChatTemplate? template, IReadOnlyList<string> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        if (template is null || template.Text.Length == 0)
            return new(Generic.Plain, [], ToolSchemas.None, calls: false, special: false);

        Found found = s_found.GetValue(template, Search);
        ReplyFamily family = found.Family ?? (tools.Count > 0 ? Generic.Family : Generic.Plain);
        return new(family, found.Thinking, ToolSchemas.Of(tools), tools.Count > 0, found.Marked);
    }

    /// <summary>How a line of models replies, whatever its template: for tests, and for callers that know better.</summary>
    internal static ReplyFormat Of(ReplyFamily family, IReadOnlyList<string> tools) =>
        new(family, [.. family.Thinking, .. ThinkingMarks.Known], ToolSchemas.Of(tools), calls: true, special: true);

    /// <summary>Begins to read a reply.</summary>
    /// <param name="prompt">The prompt that is replied to: what it opens, the reply is inside of.</param>
    public ReplyParser Read(string prompt) => new(this, prompt);

    private static Found Search(ChatTemplate template)
    {
        string sample = template.Text + "\n" + WrittenCall(template);
        ReplyFamily? family = ReplyFamilies.Find(sample);
        List<(string Open, string Close)> thinking = [.. family?.Thinking ?? []];
        thinking.AddRange(ThinkingMarks.Known.Where(marks => sample.Contains(marks.Open, StringComparison.Ordinal)));
        bool marked = thinking.Count > 0;
        if (thinking.All(marks => marks.Open != ThinkingMarks.Known[0].Open))
            thinking.Add(ThinkingMarks.Known[0]);   // models taught to think later keep the template they had
        return new(family, thinking, marked);
    }

    /// <summary>A conversation with a call in it: some templates put their marks together only when they run.</summary>
    private static string WrittenCall(ChatTemplate template)
    {
        const string Tool = """{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}}}""";
        ChatTurn call = new("assistant", "") { ToolCalls = [new("look", """{"at": "it"}""", "call00001")], Reasoning = "So." };
        try
        {
            return template.Render([new("user", "Hello"), call], new() { Tools = [Tool], Limits = new() { Steps = 1_000_000 } });
        }
        catch (Exception refusal) when (refusal is InvalidDataException or ArgumentException)
        {
            return "";   // to ask is the point here, so a refusal is an answer
        }
    }

    private sealed record Found(ReplyFamily? Family, IReadOnlyList<(string Open, string Close)> Thinking, bool Marked);
}
