using System.Text;
using System.Text.Json;
using Thimble.Grammar;
using Thimble.Models.Chat;
using Thimble.Tests.Models.Chat;

namespace Thimble.Tests.Library.Grammar;

/// <summary>Calls of tools in every line of models: what is written in its form is read back, and is what the tool takes.</summary>
public sealed class CallFamilyTests
{
    private const string Folder = "data/chat-templates";

    private static readonly (string Name, string Parameters)[] s_tools =
    [
        ("look", """{"type":"object","properties":{"at":{"type":"string","enum":["it","me <b>"]},"far":{"type":["string","null"],"maxLength":6}},"required":["at"],"additionalProperties":false}"""),
        ("add", """{"type":"object","properties":{"x":{"type":"integer","minimum":-5,"maximum":999},"note":{"type":"string","minLength":2,"maxLength":9,"pattern":"^[a-z<>/ ]+$"},"at":{"type":"array","items":{"$ref":"#/$defs/point"},"maxItems":2},"what":{"$ref":"#/$defs/word"}},"required":["x","note"],"additionalProperties":false,"$defs":{"point":{"type":"object","properties":{"p":{"type":"number","minimum":0,"maximum":1},"n":{"$ref":"#/$defs/word"}},"required":["p"],"additionalProperties":false},"word":{"type":"string","maxLength":5}}}"""),
        ("stop", """{"type":"object","properties":{},"additionalProperties":false}"""),
    ];

    public static TheoryData<string> Families => [.. CallForms.Names];

    [Fact]
    public void Every_line_that_calls_has_a_form() => Assert.Equal(ReplyFamilies.Names.Append("generic").Order(StringComparer.Ordinal), CallForms.Names);

    [Theory]
    [MemberData(nameof(Families))]
    public void Whatever_is_written_as_calls_is_read_as_calls_that_fit(string family)
    {
        string[] kinds = [.. ((string[])["", "```json [ARGS] <|function_call|> <|tool_call|> <｜DSML｜function_calls>", "[ARGS][CALL_ID]"])];
        foreach (CallForm form in kinds.Select(template => CallForm.Of(family, template)!).DistinctBy(form => form.Key))
        {
            var syntax = new CallFormat(form, s_tools, IsRequired: true, IsSingle: false).Compile();
            for (int seed = 0; seed < 12; seed++)
                CheckRead(family, form, Write(syntax, form, new Random(seed)));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_single_call_is_one(string family)
    {
        var form = CallForm.Of(family, "")!;
        var syntax = new CallFormat(form, s_tools, IsRequired: true, IsSingle: true).Compile();
        for (int seed = 0; seed < 4; seed++)
            Assert.Single(Read(family, form, Write(syntax, form, new Random(seed))));
    }

    [SharedFact(Folder, 65)]
    public void What_templates_write_is_what_free_replies_may_be()
    {
        List<string> faults = [];
        foreach (string name in ReplyCase.Names)
        {
            var template = ChatTemplate.Parse(File.ReadAllText(Golden.Shared($"{Folder}/{name}.jinja")));
            var format = ReplyFormat.Of(template, WrittenReply.Tools);
            var form = CallForm.Of(format.Name, template.Text)!;
            Syntax free = new CallFormat(form, [.. WrittenReply.Tools.Select(Declared)], IsRequired: false, IsSingle: false).Compile();
            foreach (ChatTurn turn in s_turns)
            {
                if (WrittenReply.Of(template, format, turn) is { } written && Cut(written.Text, form) is var text && !Formats.Takes(free, Encoding.UTF8.GetBytes(text)))
                    faults.Add($"{name} ({format.Name}): {text}");
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n----\n", faults));
    }

    [Theory]
    [InlineData("qwen-coder", "<function=add>\n<parameter=x>\n3\n</parameter>\n<parameter=note>\nab\n</parameter>\n</function>")]
    [InlineData("glm", "<tool_call>add\n<arg_key>x</arg_key>\n<arg_value>3</arg_value>\n<arg_key>note</arg_key>\n<arg_value>ab</arg_value>\n</tool_call>")]
    [InlineData("minimax", "<invoke name=\"add\">\n<parameter name=\"note\">ab</parameter>\n<parameter name=\"x\">3</parameter>\n</invoke>")]
    [InlineData("deepseek-markup", "<｜DSML｜invoke name=\"add\">\n<｜DSML｜parameter name=\"note\" string=\"true\">ab</｜DSML｜parameter>\n<｜DSML｜parameter name=\"x\" string=\"false\">3</｜DSML｜parameter>\n</｜DSML｜invoke>")]
    [InlineData("minimax-m3", "]<]minimax[>[<invoke name=\"add\">]<]minimax[>[<x>3]<]minimax[>[</x>]<]minimax[>[<note>ab]<]minimax[>[</note>]<]minimax[>[</invoke>")]
    [InlineData("lfm2", "<|tool_call_start|>[add(x=3, note=\"ab\")]<|tool_call_end|>")]
    [InlineData("llama-python", "[add(note=\"ab\", x=3), stop()]")]
    [InlineData("gemma4", "<|tool_call>call:add{note:<|\"|>ab<|\"|>,x:3}<tool_call|>")]
    [InlineData("harmony", "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{\"x\": 3, \"note\": \"ab\"}")]
    [InlineData("functionary-3.1", "<function=add>{\"x\": 3, \"note\": \"ab\"}</function>")]
    [InlineData("deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"x\": 3, \"note\": \"ab\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>")]
    [InlineData("apertus", "<|tools_prefix|>[{\"add\": {\"x\": 3, \"note\": \"ab\"}}]<|tools_suffix|>")]
    public void What_the_tool_does_not_take_is_not_written(string family, string text)
    {
        foreach (bool isRequired in (bool[])[true, false])
        {
            Syntax syntax = new CallFormat(CallForm.Of(family, "")!, s_tools, isRequired, IsSingle: false).Compile();
            Assert.True(Formats.Takes(syntax, Encoding.UTF8.GetBytes(text)), text);
            foreach ((string right, string wrong) in ((string, string)[])[("3", "\"3\""), ("3", "1000"), ("ab", "a"), ("ab", "AB"), ("add", "jump"), ("note", "nota")])
                Assert.False(Formats.Takes(syntax, Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))), $"{right} as {wrong}: {text}");
        }
    }

    private static readonly ChatTurn[] s_turns =
    [
        new("assistant", "") { ToolCalls = [new("get_weather", """{"city": "São \"P\" {x}", "days": 3}""", "call00001")] },
        new("assistant", "") { ToolCalls = [new("note", """{"text": "a b", "by": 2}""", "call00002"), new("get_weather", """{"city": "Rome"}""", "call00001")] },
        new("assistant", "It rains."),
    ];

    private static (string, string) Declared(string tool)
    {
        using var json = JsonDocument.Parse(tool);
        JsonElement function = json.RootElement.GetProperty("function");
        return (function.GetProperty("name").GetString()!, function.GetProperty("parameters").GetRawText());
    }

    private static string Cut(string text, CallForm form) => form.IsOpen && text.StartsWith(form.Open, StringComparison.Ordinal) ? text[form.Open.Length..] : text;

    private static void CheckRead(string family, CallForm form, string text)
    {
        List<ChatToolCall> calls = Read(family, form, text);
        Assert.True(calls.Count > 0, $"No call is read in {family}: {text}");
        foreach (ChatToolCall call in calls)
        {
            using JsonDocument rules = JsonDocument.Parse(s_tools.Single(tool => tool.Name == call.Name).Parameters), value = JsonDocument.Parse(call.Arguments);
            Assert.True(JsonJudge.IsValid(rules.RootElement, rules.RootElement, value.RootElement), $"{family}: {call.Arguments}\nof\n{text}");
        }
    }

    private static List<ChatToolCall> Read(string family, CallForm form, string text)
    {
        string[] tools = [.. s_tools.Select(tool => $"{{\"type\":\"function\",\"function\":{{\"name\":\"{tool.Name}\",\"parameters\":{tool.Parameters}}}}}")];
        var format = ReplyFormat.Of(family == "generic" ? Generic.Family : ReplyFamilies.Named(family), tools);
        List<ReplyPart> parts = [];
        ReplyParser parser = format.Read(form.IsOpen ? form.Open : form.IsHarmony ? "<|start|>assistant" : "");
        parser.Push(text, parts);
        parser.End(parts);
        Assert.True(form.IsHarmony || parts.All(part => part.Kind != ReplyPartKind.Text || part.Text.Trim().Length == 0), $"{family}: text beside calls: {text}");
        return [.. parts.Select(part => part.Call).OfType<ChatToolCall>()];
    }

    /// <summary>Writes a text at random, byte by byte, and then towards its end.</summary>
    private static string Write(Syntax syntax, CallForm form, Random random)
    {
        string[] ends = [.. Closings(form)];
        List<byte> bytes = [];
        Threads now = new();
        now.Add(syntax.Start);
        int patience = random.Next(10, 220);
        for (int step = 0; step < 1500 && !(step > patience && now.CanEnd); step++)
        {
            if (step > patience && Array.Find(ends, end => Take(ref now, end, bytes)) is not null)
                continue;
            byte[] open = [.. Enumerable.Range(0, 255).Select(value => (byte)value).Where(value => Follows(now, value))];
            byte[] letters = [.. open.Where(value => char.IsAsciiLetterOrDigit((char)value))];
            byte[] from = letters.Length > 0 && random.Next(3) > 0 ? letters : open;
            if (from.Length == 0)
                break;
            Take(ref now, [from[random.Next(from.Length)]], bytes);
        }

        Assert.True(now.CanEnd, $"It did not end: {Encoding.UTF8.GetString([.. bytes])}");
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static IEnumerable<string> Closings(CallForm form)
    {
        if (form.IsHarmony)
        {
            yield return "<|end|><|start|>assistant";
            yield return "<|channel|>commentary to=functions.stop<|message|>{}";
        }

        if (form.Notation is { } notation)
        {
            foreach (string key in (string[])["at", "far", "x", "note", "what"])
            {
                yield return (notation.TextShut ?? notation.Shut).Replace("{key}", key, StringComparison.Ordinal);
                yield return "\n" + notation.Shut.Replace("{key}", key, StringComparison.Ordinal);
            }
        }

        foreach (string end in (string[])[.. form.Close, form.After, "}", "]", ")", "\"", ":", "0", "null", "aa"])
            yield return end;
    }

    private static bool Follows(Threads now, byte value)
    {
        Threads next = new();
        now.Step(value, next);
        return next.Count > 0;
    }

    private static bool Take(ref Threads now, string text, List<byte> bytes) => text.Length > 0 && Take(ref now, Encoding.UTF8.GetBytes(text), bytes);

    private static bool Take(ref Threads now, byte[] text, List<byte> bytes)
    {
        Threads at = now;
        foreach (byte value in text)
        {
            Threads next = new();
            at.Step(value, next);
            if (next.Count == 0)
                return false;
            at = next;
        }

        now = at;
        bytes.AddRange(text);
        return true;
    }
}
