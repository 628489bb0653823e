using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Thimble.Grammar;

namespace Thimble.Tests.Library.Grammar;

public sealed class CallFormatTests
{
    private static readonly (string, string)[] s_tools =
    [
        ("look", """{"type":"object","properties":{"at":{"type":"string","enum":["it","me"]}},"required":["at"],"additionalProperties":false}"""),
        ("add", """{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}"""),
    ];

    [Theory]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": "it"}}</tool_call>""", true)]
    [InlineData("""<tool_call>{"name": "add", "arguments": {"x": 3}}</tool_call><tool_call>{"name": "look", "arguments": {"at": "me"}}</tool_call>""", true)]
    [InlineData("""<tool_call>{"name": "look", "arguments": {"at": "you"}}</tool_call>""", false)]
    [InlineData("""<tool_call>{"name": "jump", "arguments": {}}</tool_call>""", false)]
    [InlineData("""Let me see.""", false)]
    public void Required_calls_are_all_there_is(string text, bool takes) => Assert.Equal(takes, Takes("hermes", text, isRequired: true));

    [Theory]
    [InlineData("Let me see.", true)]
    [InlineData("""Let me see. <tool_call>{"name": "add", "arguments": {"x": 3}}</tool_call> So.""", true)]
    [InlineData("""Let me see. <tool_call>{"name": "add", "arguments": {"x": "3"}}</tool_call>""", false)]
    [InlineData("""So <tool_call>{"name": "add", "arguments": {"x": 3}}</tool_call> <tool_call>{"name": "jump"}""", false)]
    [InlineData("", true)]
    public void Text_is_free_until_a_call_opens(string text, bool takes) => Assert.Equal(takes, Takes("hermes", text, isRequired: false));

    [Theory]
    [InlineData("llama3", """{"name": "add", "parameters": {"x": 3}}""")]
    [InlineData("mistral", """[TOOL_CALLS][{"name": "add", "arguments": {"x": 3}}, {"name": "look", "arguments": {"at": "it"}}]""")]
    [InlineData("nemotron", """<TOOLCALL>[{"name": "add", "arguments": {"x": 3}}]</TOOLCALL>""")]
    [InlineData("command-r7b", """<|START_ACTION|>[{"tool_name": "add", "parameters": {"x": 3}}]<|END_ACTION|>""")]
    [InlineData("kimi", "<|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{\"x\": 3}<|tool_call_end|>")]
    public void Lines_write_calls_each_in_its_form(string family, string text)
    {
        Assert.True(Takes(family, text, isRequired: true));
        Assert.False(Takes(family, text.Replace("3", "\"3\"", StringComparison.Ordinal), isRequired: true));
        Assert.True(Takes(family, text, isRequired: false));
    }

    [Fact]
    public async Task Chat_reply_is_json_of_the_schema()
    {
        using var model = Model.OpenDefault();
        using IChatClient client = model.AsChatClient();
        JsonElement schema = JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"colour":{"enum":["red","blue"]}},"required":["colour"],"additionalProperties":false}""");
        ChatResponse response = await client.GetResponseAsync("The ball was", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), MaxOutputTokens = 400 });
        using var json = JsonDocument.Parse(response.Text);
        Assert.Contains(json.RootElement.GetProperty("colour").GetString(), (string[])["red", "blue"]);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    private static bool Takes(string family, string text, bool isRequired) =>
        Formats.Takes(new CallFormat(CallForm.Of(family, "")!, s_tools, isRequired, IsSingle: false).Compile(), Encoding.UTF8.GetBytes(text));
}
