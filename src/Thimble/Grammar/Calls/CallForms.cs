namespace Thimble.Grammar;

/// <summary>The forms of calls, by the names of the lines of models that write them.</summary>
/// <remarks>Each is one of the ways in which <see cref="Models.Chat.ReplyFamilies"/> reads that line's calls: the one its template writes.</remarks>
internal static class CallForms
{
    private const string M3 = "]<]minimax[>[";

    private static readonly CallForm
        s_json = new("<tool_call>", "</tool_call>"),
        s_pythonList = new("") { Head = ["{name}"], Notation = MemberNotation.Python, IsList = true };

    private static readonly Dictionary<string, Func<string, CallForm>> s_forms = new(StringComparer.Ordinal)
    {
        ["hermes"] = _ => s_json,
        ["generic"] = _ => s_json with { Bare = new(""), Starts = "{[" },
        ["llama3"] = _ => new("") { Arguments = "parameters", Starts = "{", Others = ["<|python_tag|>"], Between = ";" },
        ["granite"] = template => template.Contains("<|tool_call|>", StringComparison.Ordinal)
            ? new("<|tool_call|>") { IsList = true, Others = ["<tool_call>"] }
            : s_json with { Others = ["<|tool_call|>"] },
        ["nemotron"] = _ => new("<TOOLCALL>", "</TOOLCALL>") { IsList = true },
        ["apriel"] = _ => new("<tool_calls>", "</tool_calls>") { IsList = true },
        ["firefunction"] = _ => new("functools") { IsList = true },
        ["command-r7b"] = _ => new("<|START_ACTION|>", "<|END_ACTION|>") { Name = "tool_name", Arguments = "parameters", FirstId = "tool_call_id", IsList = true },
        ["command-r-plus"] = _ => new("Action: ```json", "```") { Name = "tool_name", Arguments = "parameters", IsList = true, Others = ["Action:\n```json"] },
        ["gigachat"] = template => template.Contains("<|function_call|>", StringComparison.Ordinal)
            ? new("<|function_call|>") { IsAlone = true }
            : new("<|message_sep|>\n\nfunction call<|role_sep|>\n") { IsAlone = true, Others = ["<|function_call|>"] },
        ["apertus"] = _ => new("<|tools_prefix|>", "<|tools_suffix|>") { Name = "", IsList = true },
        ["mistral"] = template => template.Contains("[ARGS]", StringComparison.Ordinal)
            ? new("[TOOL_CALLS]") { Head = template.Contains("[CALL_ID]", StringComparison.Ordinal) ? ["{name}", "[CALL_ID]", "{id}", "[ARGS]"] : ["{name}", "[ARGS]"] }
            : new("[TOOL_CALLS]") { LastId = "id", IsList = true },
        ["kimi"] = _ => new("<|tool_call_begin|>", "<|tool_call_end|>")
        {
            Head = ["functions.", "{name}", ":", "{n}", "<|tool_call_argument_begin|>"],
            Before = "<|tool_calls_section_begin|>",
            After = "<|tool_calls_section_end|>",
        },
        ["deepseek"] = template => template.Contains("```json", StringComparison.Ordinal)
            ? DeepSeek(["function", "<｜tool▁sep｜>", "{name}", "\n```json\n"], "```", "<｜tool▁call▁end｜>")
            : DeepSeek(["{name}", "<｜tool▁sep｜>"], "<｜tool▁call▁end｜>"),
        ["solar"] = _ => new("<|tool_call:begin|>", "<|tool_call:end|>")
        {
            Head = ["{id}", "<|tool_call:name|>", "{name}", "<|tool_call:args|>"],
            Before = "<|tool_calls|>",
        },
        ["functionary-3.1"] = _ => new("<function=", "</function>") { Head = ["{name}", ">"], Others = ["<|python_tag|>"] },
        ["functionary-3.2"] = _ => new(">>>") { Head = ["{name}", "\n"], IsOpen = true, TextHead = "all\n" },
        ["harmony"] = _ => new("") { IsHarmony = true },
        ["llama-python"] = _ => s_pythonList with { Starts = "[" },
        ["llama4"] = _ => s_pythonList with { Open = "<|python_start|>", Close = ["<|python_end|>"], Bare = s_pythonList, Starts = "[{" },
        ["lfm2"] = _ => Liquid(),
        ["lfm2.5"] = _ => Liquid(),
        ["lfm2.5-listed"] = _ => Liquid(),
        ["gemma4"] = _ => new("<|tool_call>call:", "<tool_call|>")
        {
            Head = ["{name}"],
            Notation = new("", [":"], "") { Open = "{", Close = "}", Comma = ",", Texts = TextNotation.Marked, TextEnd = [":", "<|\"|>"], TextShut = "<|\"|>" },
        },
        ["qwen-coder"] = _ => Coder("<tool_call>", "</tool_call>"),
        ["seed"] = _ => Coder("<seed:tool_call>", "</seed:tool_call>"),
        ["glm"] = _ => Glm(""),
        ["hunyuan-3"] = _ => Glm(":opensource"),
        ["minimax"] = _ => Invoke("", "invoke", "parameter") with { Before = "<minimax:tool_call>", After = "</minimax:tool_call>" },
        ["minicpm"] = _ => Invoke("", "function", "param"),
        ["deepseek-markup"] = template => Markup(template.Contains("<｜DSML｜function_calls>", StringComparison.Ordinal) ? "function_calls" : "tool_calls"),
        ["minimax-m3"] = _ => new(M3 + "<invoke name=\"", M3 + "</invoke>")
        {
            Head = ["{name}", "\">"],
            Notation = new(M3 + "<", [">"], M3 + "</{key}>") { Texts = TextNotation.BySchema, Forbidden = M3 },
            Before = M3 + "<tool_call>",
            After = M3 + "</tool_call>",
        },
    };

    /// <summary>The lines whose calls can be enforced.</summary>
    public static IEnumerable<string> Names => s_forms.Keys.Order(StringComparer.Ordinal);

    /// <summary>The form of a line; null for one that writes no calls.</summary>
    public static CallForm? Of(string family, string template) => s_forms.TryGetValue(family, out Func<string, CallForm>? form) ? form(template) : null;

    private static CallForm DeepSeek(string[] head, params string[] close) =>
        new("<｜tool▁call▁begin｜>", close) { Head = head, Before = "<｜tool▁calls▁begin｜>", After = "<｜tool▁calls▁end｜>" };

    private static CallForm Liquid() => s_pythonList with { Open = "<|tool_call_start|>", Close = ["<|tool_call_end|>"] };

    private static CallForm Coder(string before, string after) => new("<function=", "</function>")
    {
        Head = ["{name}", ">"],
        Notation = new("<parameter=", [">"], "</parameter>") { Texts = TextNotation.BySchema, IsWrapped = true },
        Before = before,
        After = after,
    };

    private static CallForm Glm(string suffix) => new($"<tool_call{suffix}>", $"</tool_call{suffix}>")
    {
        Head = suffix.Length > 0 ? ["{name}", $"<tool_sep{suffix}>"] : ["{name}"],
        Notation = new($"<arg_key{suffix}>", [$"</arg_key{suffix}>", $"<arg_value{suffix}>"], $"</arg_value{suffix}>") { Texts = TextNotation.BySchema, IsWrapped = true },
        Before = suffix.Length > 0 ? $"<tool_calls{suffix}>" : "",
        After = suffix.Length > 0 ? $"</tool_calls{suffix}>" : "",
    };

    private static CallForm Invoke(string prefix, string call, string parameter) => new($"<{prefix}{call} name=\"", $"</{prefix}{call}>")
    {
        Head = ["{name}", "\">"],
        Notation = new($"<{prefix}{parameter} name=\"", ["\">"], $"</{prefix}{parameter}>") { Texts = TextNotation.BySchema, IsWrapped = true },
    };

    private static CallForm Markup(string section)
    {
        CallForm form = Invoke("｜DSML｜", "invoke", "parameter");
        return form with
        {
            Notation = form.Notation! with { Texts = TextNotation.Marked, TextEnd = ["\" string=\"true\">"], KeyEnd = ["\" string=\"false\">"] },
            Before = $"<｜DSML｜{section}>",
            After = $"</｜DSML｜{section}>",
        };
    }
}
