using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

public sealed class ReplyFormatTests
{
    private static readonly string[] s_tools = ["""{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"s": {"type": "string"}, "n": {"type": ["string", "number"]}}}}}"""];

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "hermes")]
    [InlineData("Qwen3-Coder", "qwen-coder")]
    [InlineData("GLM-4.6", "glm")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "mistral")]
    [InlineData("deepseek-ai-DeepSeek-V3.1", "deepseek")]
    [InlineData("ibm-granite-granite-3.3-2B-Instruct", "granite")]
    [InlineData("openai-gpt-oss-120b", "harmony")]
    [InlineData("microsoft-Phi-3.5-mini-instruct", "generic")]
    public void A_template_tells_its_format(string name, string family)
    {
        var format = ReplyFormat.Of(ChatTemplate.Parse(File.ReadAllText(Golden.Path($"chat-templates/{name}.jinja"))), s_tools);
        Assert.Equal((family, true), (format.Name, format.NeedsSpecial));
    }

    [Fact]
    public void Without_tools_a_reply_is_not_searched_for_calls()
    {
        var template = ChatTemplate.Parse(File.ReadAllText(Golden.Path("chat-templates/Qwen-Qwen3-0.6B.jinja")));
        const string Text = "<tool_call>{\"name\": \"f\"}</tool_call>";
        Assert.Equal((Text, "Hm"), Read(ReplyFormat.Of(template, []), $"<think>Hm</think>{Text}"));
    }

    [Fact]
    public void A_model_without_a_template_writes_text()
    {
        var format = ReplyFormat.Of((ChatTemplate?)null, s_tools);
        Assert.False(format.NeedsSpecial);
        Assert.Equal((" <think>{\"name\": \"f\", \"arguments\": {}}\n", ""), Read(format, " <think>{\"name\": \"f\", \"arguments\": {}}\n"));
    }

    [Fact]
    public void Where_no_format_is_named_a_known_tool_must_be_called()
    {
        var format = ReplyFormat.Of(ChatTemplate.Parse("{{ messages[0].content }}"), s_tools);
        Assert.Equal("f{}", Reply.Of(format, "", "{\"name\": \"f\", \"arguments\": {}}").Calls);
        Assert.Equal("", Reply.Of(format, "", "{\"name\": \"other\", \"arguments\": {}}").Calls);
    }

    [Fact]
    public void A_schema_tells_texts_from_numbers()
    {
        var format = ReplyFormat.Of(ReplyFamilies.Named("qwen-coder"), s_tools);
        const string Call = "<function=f><parameter=s>42</parameter><parameter=n>42</parameter><parameter=x>42</parameter></function>";
        Assert.Equal("f{n:42,s:'42',x:42}", Reply.Of(format, "", Call).Calls);
    }

    private static (string Text, string Reasoning) Read(ReplyFormat format, string text)
    {
        var reply = Reply.Of(format, "", text);
        return (reply.Text, reply.Reasoning);
    }
}
