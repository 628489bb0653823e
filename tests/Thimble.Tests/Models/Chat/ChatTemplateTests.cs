using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

public sealed class ChatTemplateTests
{
    private static readonly ChatTurn[] s_turns = [new("system", "Be brief."), new("user", "Hi")];

    [Fact]
    public void Plain_joins_contents_and_names_no_roles() =>
        Assert.Equal("Be brief.\nHi", ChatTemplate.Plain.Render(s_turns));

    [Fact]
    public void A_variable_is_JSON_and_reaches_the_template() =>
        Assert.Equal("[1, 2]x", ChatTemplate.Parse("{{ a }}{{ b }}").Render(s_turns,
            new() { Variables = new Dictionary<string, string> { ["a"] = "[1, 2]", ["b"] = "\"x\"" } }));

    [Fact]
    public void A_tool_that_is_no_JSON_is_named()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => ChatTemplate.Parse("").Render(s_turns, new() { Tools = ["{}", "{oops"] }));
        Assert.Contains("Tool 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_reach_the_template_as_an_object()
    {
        ChatTurn call = new("assistant") { ToolCalls = [new("f", """{"b": 1.0, "a": [null, true]}""")] };
        Assert.Equal("""{"b": 1.0, "a": [null, true]}None""", ChatTemplate.Parse(
            "{{ messages[0].tool_calls[0].function.arguments | tojson }}{{ messages[0].content }}").Render([call]));
    }

    [Fact]
    public void Traits_tell_what_Qwen3_makes_use_of()
    {
        ChatTemplateTraits traits = Read("Qwen-Qwen3-0.6B").Traits;
        Assert.Equal(new(SystemRole: true, Tools: true, ToolCalls: true, ToolResults: true, Reasoning: true,
            ThinkingSwitch: true, GenerationPrompt: true, OpensThinking: false), traits);
    }

    [Fact]
    public void Traits_tell_that_QwQ_begins_inside_its_reasoning() =>
        Assert.True(Read("Qwen-QwQ-32B").Traits.OpensThinking);

    [Fact]
    public void Traits_tell_that_Phi_knows_no_tools()
    {
        ChatTemplateTraits traits = Read("microsoft-Phi-3.5-mini-instruct").Traits;
        Assert.Equal((true, false, false), (traits.SystemRole, traits.Tools, traits.ToolCalls));
    }

    private static ChatTemplate Read(string name) => ChatTemplate.Parse(File.ReadAllText(Golden.Path($"chat-templates/{name}.jinja")));
}
