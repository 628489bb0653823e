using System.Text.RegularExpressions;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

public sealed class ReplyParserTests
{
    private const string Json = """{"city": "São \"P\" </tool_call> {[", "at": [1, {"x": null}]}""";

    /// <summary>Family, prompt's end, reply, and what is read: text, reasoning, calls.</summary>
    public static TheoryData<string, string, string, string, string, string> Replies => new()
    {
        { "hermes", "", $"<think>\nHm <tool_call>.\n</think>\n\nSo:\n<tool_call>\n{{\"name\": \"f\", \"arguments\": {Json}}}\n</tool_call>\n<tool_call>{{\"name\": \"g\"}}</tool_call>\nDone.", "So:Done.", "Hm <tool_call>.", $"f{Json}; g{{}}" },
        { "hermes", "", "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\", \"id\": \"x\"}<tool_call>{\"name\": \"g\"} but", "but", "", "f{\"a\": 1}; g{}" },
        { "hermes", "", "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"one\ntwo\"}}</tool_call>", "", "", "f{\"a\": \"one\\ntwo\"}" },
        { "hermes", "", "Use <tool_call> tags. <tool_call>{\"nom\": 1}</tool_call> <tool_call>[1]", "Use <tool_call> tags. <tool_call>{\"nom\": 1}</tool_call> <tool_call>[1]", "", "" },
        { "hermes", "<think>\n", "\nOne.\n\nTwo. </thin k\n</think>\n Yes </think> no", "Yes </think> no", "One.\n\nTwo. </thin k", "" },
        { "hermes", "<think>", "</think>\n\nYes", "Yes", "", "" },
        { "hermes", "", "  Two <think> in text \n", "  Two <think> in text \n", "", "" },
        { "granite", "", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {\"a\": 1}}]", "", "", "f{}; g{\"a\": 1}" },
        { "llama3", "", "{\"name\": \"f\", \"parameters\": {\"a\": \"}\"}}; {\"name\": \"g\", \"parameters\": {}}<|eom_id|>", "", "", "f{\"a\": \"}\"}; g{}" },
        { "llama3", "", "{\"answer\": {\"name\": 1}} is JSON", "{\"answer\": {\"name\": 1}} is JSON", "", "" },
        { "llama3", "", "{\"name\": \"Ann\"}", "{\"name\": \"Ann\"}", "", "" },
        { "llama3", "", "<|python_tag|>brave_search.call(query=\"it's\")", "", "", "brave_search{\"query\": \"it's\"}" },
        { "llama3", "", "<|python_tag|>print('x')", "<|python_tag|>print('x')", "", "" },
        { "llama-python", "", "[f(a=1, b='x]', c=[True, {'k': None}]), g()]", "", "", "f{\"a\": 1, \"b\": \"x]\", \"c\": [true, {\"k\": null}]}; g{}" },
        { "llama-python", "", "[see this](http://x) and [1, 2]", "[see this](http://x) and [1, 2]", "", "" },
        { "llama4", "", "<|python_start|>[f(a=-1.5)]<|python_end|>", "", "", "f{\"a\": -1.5}" },
        { "mistral", "", "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"abc123456\"}]", "", "", "f{\"a\": 1}" },
        { "mistral", "", "[THINK]Hm[/THINK]Well.[TOOL_CALLS]f[CALL_ID]abc123456[ARGS]{\"a\": 1}[TOOL_CALLS]g[ARGS]{}", "Well.", "Hm", "f{\"a\": 1}; g{}" },
        { "deepseek", "", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "", "", "f{\"a\": 1}; g{}" },
        { "deepseek", "<think>", "Hm<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "", "Hm", "g{}" },
        { "deepseek", "", "The mark <｜tool▁calls▁begin｜> alone", "The mark <｜tool▁calls▁begin｜> alone", "", "" },
        { "command-r-plus", "", "Plan.\nAction:\n```json\n[\n {\"tool_name\": \"f\", \"parameters\": {\"a\": 1}}\n]\n```\n", "Plan.", "", "f{\"a\": 1}" },
        { "command-r7b", "", "<|START_THINKING|>Hm<|END_THINKING|><|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": {}}]<|END_ACTION|>", "", "Hm", "f{}" },
        { "command-r7b", "", "<|START_RESPONSE|>Yes.<|END_RESPONSE|>", "Yes.", "", "" },
        { "functionary-3.1", "", "So <function=f>{\"a\": \"</function>\"}</function><function=g>{}</function>", "So", "", "f{\"a\": \"</function>\"}; g{}" },
        { "functionary-3.2", ">>>", "all\nHello.\n>>>f\n{\"a\": 1}>>>g\n{}", "Hello.", "", "f{\"a\": 1}; g{}" },
        { "harmony", "<|start|>assistant", "<|channel|>analysis<|message|>Hm <|x|>.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1}<|call|>", "I look.", "Hm <|x|>.", "f{\"a\": 1}" },
        { "harmony", "<|start|>assistant", " to=functions.f<|channel|>commentary json<|message|>{}<|call|>", "", "", "f{}" },
        { "harmony", "<|start|>assistant", "<|channel|>final<|message|>Yes.\n\nNo.<|return|>", "Yes.\n\nNo.", "", "" },
        { "qwen-coder", "", "Well\n\n<tool_call>\n<function=f>\n<parameter=n>\n3\n</parameter>\n<parameter=s>\n</function>\n<b>\n</parameter>\n</function>\n</tool_call>\n<function=g>\n</function>", "Well", "", "f{\"n\": 3, \"s\": \"</function>\\n<b>\"}; g{}" },
        { "seed", "", "<seed:think>Hm</seed:think><seed:tool_call>\n<function=f><parameter=n>True</parameter></function>\n</seed:tool_call>", "", "Hm", "f{\"n\": true}" },
        { "glm", "", "\n<think></think>\n<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>[1, 2]</arg_value>\n</tool_call>\n<tool_call>g</tool_call>", "", "", "f{\"a\": [1, 2]}; g{}" },
        { "minimax", "", "Ok.\n<minimax:tool_call>\n<invoke name=\"f\">\n<parameter name=\"a\">x y</parameter>\n</invoke>\n<invoke name=\"g\">\n</invoke>\n</minimax:tool_call>\nBye", "Ok.Bye", "", "f{\"a\": \"x y\"}; g{}" },
        { "minimax-m3", "", "]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name=\"f\">]<]minimax[>[<a>]<]minimax[>[<b>1]<]minimax[>[</b>]<]minimax[>[</a>]<]minimax[>[<l>]<]minimax[>[<item>x]<]minimax[>[</item>]<]minimax[>[</l>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>", "", "", "f{\"a\": {\"b\": 1}, \"l\": [\"x\"]}" },
        { "deepseek-markup", "", "\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" string=\"true\">3</｜DSML｜parameter>\n<｜DSML｜parameter name=\"b\" string=\"false\">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>", "", "", "f{\"a\": \"3\", \"b\": 3}" },
        { "kimi", "", "Let me.<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{\"a\": 1}<|tool_call_end|><|tool_call_begin|>functions.g:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>", "Let me.", "", "f{\"a\": 1}; g{}" },
        { "nemotron", "<think>\n", "Hm\n</think>\n\n<TOOLCALL>[{\"name\": \"f\", \"arguments\": {}}]</TOOLCALL>", "", "Hm", "f{}" },
        { "apriel", "Here are my reasoning steps:\n", "Hm.\n[BEGIN FINAL RESPONSE]\nYes.\n[END FINAL RESPONSE]", "Yes.", "Hm.", "" },
        { "apertus", "", "<|inner_prefix|>Hm<|inner_suffix|><|tools_prefix|>[{\"f\": {\"a\": 1}}, {\"g\": {}}]<|tools_suffix|>", "", "Hm", "f{\"a\": 1}; g{}" },
        { "gigachat", "", "Ok.<|message_sep|>\n\nfunction call<|role_sep|>\n{\"name\": \"f\", \"arguments\": {}}<|message_sep|>", "Ok.", "", "f{}" },
        { "firefunction", "", " functools[{\"name\": \"f\", \"arguments\": {}}]", "", "", "f{}" },
        { "solar", "<|begin|>assistant", "<|think|>Hm<|end|><|begin|>assistant<|tool_calls|><|tool_call:begin|>i1<|tool_call:name|>f<|tool_call:args|>{}<|tool_call:end|><|calls|>", "", "Hm", "f{}" },
        { "gemma4", "", "<|channel>thought\nHm\n<channel|><|tool_call>call:f{a:<|\"|>x, \"y\" <tool_call|><|\"|>,b:{c:[1,None]}}<tool_call|>", "", "Hm", "f{\"a\": \"x, \\\"y\\\" <tool_call|>\", \"b\": {\"c\": [1, null]}}" },
        { "lfm2", "", "<|tool_call_start|>[f(a={\"k\": 'v'})]<|tool_call_end|>Calling.", "Calling.", "", "f{\"a\": {\"k\": \"v\"}}" },
        { "lfm2.5", "", "<|tool_call_start|>[f(a='v'), g()]<|tool_call_end|>Calling.", "Calling.", "", "f{\"a\": \"v\"}; g{}" },
        { "lfm2.5-listed", "", "Well.<|tool_call_start|>[f(a=[1, 2])]<|tool_call_end|>", "Well.", "", "f{\"a\": [1, 2]}" },
        { "hunyuan-3", "", "<think:opensource>Hm</think:opensource><tool_calls:opensource>\n<tool_call:opensource>f<tool_sep:opensource>\n<arg_key:opensource>a</arg_key:opensource>\n<arg_value:opensource>[1, 2]</arg_value:opensource>\n</tool_call:opensource>\n</tool_calls:opensource>", "", "Hm", "f{\"a\": [1, 2]}" },
        { "minicpm", "", "<function name=\"f\"><param name=\"a\"><![CDATA[3 < 4]]></param></function>", "", "", "f{\"a\": \"3 < 4\"}" },
    };

    [Theory, MemberData(nameof(Replies))]
    public void A_reply_is_read(string family, string prompt, string text, string said, string thought, string calls)
    {
        var reply = Reply.Of(Format(family), prompt, text);
        string expected = string.Join("; ", calls.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(Normal));
        Assert.Equal((said, thought, expected), (reply.Text, reply.Reasoning, reply.Calls));
    }

    [Theory, MemberData(nameof(Replies))]
    public void Cutting_anywhere_reads_the_same(string family, string prompt, string text, string said, string thought, string calls)
    {
        _ = (said, thought, calls);
        ReplyFormat format = Format(family);
        var whole = Reply.Of(format, prompt, text);
        for (int cut = 0; cut <= text.Length; cut++)
            Assert.Equal(whole, Reply.Of(format, prompt, text, cut));
        Assert.Equal(whole, Reply.Of(format, prompt, text, [.. Enumerable.Range(0, text.Length)]));
        var random = new Random(7);
        for (int i = 0; i < 50; i++)
            Assert.Equal(whole, Reply.Of(format, prompt, text, [.. Enumerable.Range(0, 9).Select(_ => random.Next(text.Length + 1)).Order()]));
    }

    [Theory, MemberData(nameof(Replies))]
    public void A_reply_that_breaks_off_loses_nothing(string family, string prompt, string text, string said, string thought, string calls)
    {
        _ = (said, thought, calls);
        ReplyFormat format = Format(family);
        string marks = string.Join('|', ReplyMark.Of(format).Select(mark => Regex.Escape(mark.Text)));
        for (int length = 0; length <= text.Length; length++)
        {
            List<ReplyPart> parts = [];
            ReplyParser parser = format.Read(prompt);
            parser.Push(text.AsSpan(0, length), parts);
            parser.End(parts);
            string gap = $@"(?:\s|{marks}|<\|message\|>|all|analysis|commentary|final)*?";
            string tiled = string.Concat(parts.Select(part => part.Call is null ? gap + Regex.Escape(part.Text) : gap + @"[\s\S]*?"));
            Assert.Matches($"^{tiled}{gap}$", text[..length]);
        }
    }

    [Fact]
    public void Every_family_is_tried() =>
        Assert.Empty(ReplyFamilies.Names.Except(Replies.Select(row => (string)row[0])).Except(["generic"]));

    [Fact]
    public void Ids_are_given_where_the_model_writes_them()
    {
        Assert.Equal("abc123456", Calls("mistral", "[TOOL_CALLS]f[CALL_ID]abc123456[ARGS]{}").Single().Id);
        Assert.Equal("functions.f:0", Calls("kimi", "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|>").Single().Id);
        Assert.Equal("7", Calls("command-r7b", "<|START_ACTION|>[{\"tool_call_id\": 7, \"tool_name\": \"f\", \"parameters\": {}}]<|END_ACTION|>").Single().Id);
        Assert.Null(Calls("hermes", "<tool_call>{\"name\": \"f\"}</tool_call>").Single().Id);
    }

    [Fact]
    public void Text_comes_as_soon_as_no_mark_can_change_it()
    {
        List<ReplyPart> parts = [];
        ReplyParser parser = Format("hermes").Read("");
        parser.Push("Hello <to", parts);
        Assert.Equal("Hello", Assert.Single(parts).Text);
        parser.Push("ol", parts);
        Assert.Single(parts);
        parser.Push("box>", parts);
        Assert.Equal("Hello <toolbox>", Reply.Of(parts).Text);
    }

    [Fact]
    public void A_call_comes_before_the_reply_ends()
    {
        List<ReplyPart> parts = [];
        Format("hermes").Read("").Push("<tool_call>{\"name\": \"f\"}</tool_call>", parts);
        Assert.Equal("f", Assert.Single(parts).Call!.Name);
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"")]
    [InlineData("<tool_call>{")]
    [InlineData("<tool_call>")]
    [InlineData("<think> ")]
    [InlineData(" ")]
    [InlineData("<")]
    [InlineData("<tool_call>{}   ")]
    [InlineData("{[\\\"")]
    public void Endless_repetition_is_bounded(string unit)
    {
        ReplyFormat format = Format("hermes");
        ReplyParser parser = format.Read("");
        List<ReplyPart> parts = [];
        string piece = string.Concat(Enumerable.Repeat(unit, (ReplyParser.LongestCall / unit.Length / 7) + 1));
        for (int i = 0; i < 8; i++)
            parser.Push(piece, parts);
        parser.End(parts);
        Assert.True(parts.Sum(part => part.Text.Length) > 0 || unit == "<think> ");
    }

    [Fact]
    public void Noise_never_throws()
    {
        var random = new Random(11);
        foreach (string family in ReplyFamilies.Names)
        {
            ReplyFormat format = Format(family);
            string[] words = [.. ReplyMark.Of(format).Select(mark => mark.Text), "{", "}", "[", "]", "\"", "'", "\\", "\\ud83d", "f(", ")", "a=", "name", "\"name\":", "\n", " ", "\ud83d", "ü", "1", "<", ">"];
            for (int i = 0; i < 30; i++)
            {
                string text = string.Concat(Enumerable.Range(0, 40).Select(_ => words[random.Next(words.Length)]));
                var whole = Reply.Of(format, "", text);
                Assert.Equal(whole, Reply.Of(format, "", text, random.Next(text.Length)));
            }
        }
    }

    private static IEnumerable<ChatToolCall> Calls(string family, string text)
    {
        List<ReplyPart> parts = [];
        ReplyParser parser = Format(family).Read("");
        parser.Push(text, parts);
        parser.End(parts);
        return parts.Where(part => part.Call is not null).Select(part => part.Call!);
    }

    internal static ReplyFormat Format(string family) => ReplyFormat.Of(ReplyFamilies.Named(family), []);

    private static string Normal(string call) => Reply.Written(new(call[..call.IndexOf('{', StringComparison.Ordinal)], call[call.IndexOf('{', StringComparison.Ordinal)..]));
}
