using System.Text.Json;

namespace Thimble.Tests.Server;

/// <summary>Answers of every shape, forced by a grammar: what the model thinks, says and calls comes apart alike in all APIs.</summary>
public class ForcedAnswerTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Call = """<tool_call>{"name": "look", "arguments": {"at": "it"}}</tool_call>""";
    private const string Calls = Call + """<tool_call>{"name": "look", "arguments": {"at": "that"}}</tool_call>""";
    private const string Tools = """[{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}}]""";

    [Fact]
    public async Task Calls_come_apart_from_text()
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/chat/completions", Chat(Calls));
        Assert.True(status == 200, json.ToString());
        JsonElement choice = json.GetProperty("choices")[0], calls = choice.GetProperty("message").GetProperty("tool_calls");
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal(2, calls.GetArrayLength());
        Assert.Equal("that", JsonElement.Parse(calls[1].GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("at").GetString());
        Assert.Equal(2, calls.EnumerateArray().Select(call => call.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Streamed_calls_are_numbered()
    {
        List<(string? Name, string Text)> events = await server.EventsAsync("/v1/chat/completions", Chat(Calls, ", \"stream\": true"));
        JsonElement[] calls = [.. events[..^1].Select(e => JsonElement.Parse(e.Text).GetProperty("choices")[0].GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("tool_calls", out _)).SelectMany(delta => delta.GetProperty("tool_calls").EnumerateArray())];
        Assert.Equal([0, 1], calls.Select(call => call.GetProperty("index").GetInt32()));
        Assert.All(calls, call => Assert.Equal("look", call.GetProperty("function").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task One_call_alone_is_taken_where_several_are_not_wanted()
    {
        (int _, JsonElement json) = await server.PostAsync("/v1/chat/completions", Chat(Calls, ", \"parallel_tool_calls\": false"));
        JsonElement choice = json.GetProperty("choices")[0];
        Assert.Equal(1, choice.GetProperty("message").GetProperty("tool_calls").GetArrayLength());
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type": "function", "function": {"name": "look"}}""")]
    public async Task A_call_that_is_asked_for_comes_and_fits_its_schema(string choice)
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/chat/completions", $$"""
            {"messages": [{"role": "user", "content": "Look."}], "max_tokens": 200, "seed": 4, "reasoning_effort": "none", "tool_choice": {{choice}}, "parallel_tool_calls": false,
            "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"enum": ["it", "that"]} },
            "required": ["at"], "additionalProperties": false} } }] }
            """);
        Assert.True(status == 200, json.ToString());
        JsonElement call = json.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("look", call.GetProperty("name").GetString());
        Assert.Contains(JsonElement.Parse(call.GetProperty("arguments").GetString()!).GetProperty("at").GetString(), (string[])["it", "that"]);
    }

    [Fact]
    public async Task A_schema_is_kept()
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/chat/completions", """
            {"messages": [{"role": "user", "content": "How old?"}], "max_tokens": 100, "seed": 4, "reasoning_effort": "none", "response_format": {"type": "json_schema", "json_schema": {"name": "age", "strict": true,
            "schema": {"type": "object", "properties": {"age": {"type": "integer", "minimum": 1, "maximum": 120}}, "required": ["age"], "additionalProperties": false}}}}
            """);
        Assert.True(status == 200, json.ToString());
        string text = json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        Assert.InRange(JsonElement.Parse(text).GetProperty("age").GetInt32(), 1, 120);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task Beside_tools_a_format_gives_either_itself_or_calls(int seed)
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/chat/completions", $$"""
            {"messages": [{"role": "user", "content": "Look."}], "max_tokens": 200, "seed": {{seed}}, "temperature": 2, "top_k": 0, "min_p": 0, "top_p": 1, "reasoning_effort": "none",
            "response_format": {"type": "json_schema", "json_schema": {"name": "age", "schema": {"enum": [17, 42]} } },
            "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"enum": ["it", "that"]} }, "required": ["at"], "additionalProperties": false} } }] }
            """);
        Assert.True(status == 200, json.ToString());
        JsonElement message = json.GetProperty("choices")[0].GetProperty("message");
        if (message.TryGetProperty("tool_calls", out JsonElement calls))
            Assert.Contains(JsonElement.Parse(calls[0].GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("at").GetString(), (string[])["it", "that"]);
        else
            Assert.Contains(message.GetProperty("content").GetString()!.Trim(), (string[])["17", "42"]);
    }

    [Theory]
    [InlineData("""{"type": "regex", "pattern": "a+"}""")]
    [InlineData("""{"type": "choice", "choices": ["a", "b"]}""")]
    public async Task What_cannot_be_told_from_calls_is_refused_beside_tools(string format)
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": "x"}], "response_format": {{format}}, "tools": {{Tools}} }""");
        Assert.Equal((400, "response_format"), (status, json.GetProperty("error").GetProperty("param").GetString()));
        Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": "x"}], "max_tokens": 4, "response_format": {{format}}, "tools": {{Tools}}, "tool_choice": "none"}""")).Status);
    }

    [Fact]
    public async Task Reasoning_comes_apart_from_text()
    {
        (int _, JsonElement json) = await server.PostAsync("/v1/chat/completions", Chat("<think>So.</think>Yes."));
        JsonElement message = json.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(("So.", "Yes."), (message.GetProperty("reasoning_content").GetString(), message.GetProperty("content").GetString()));
    }

    [Fact]
    public async Task Thinking_is_switched_in_each_request()
    {
        string?[] prompts = new string?[3];
        string[] switches = ["\"reasoning_effort\": \"high\"", "\"chat_template_kwargs\": {\"enable_thinking\": true}", "\"reasoning_effort\": \"none\""];
        for (int i = 0; i < switches.Length; i++)
        {
            (int _, JsonElement json) = await server.PostAsync("/apply-template", $$"""{"messages": [{"role": "user", "content": "Hi"}], {{switches[i]}}}""");
            prompts[i] = json.GetProperty("prompt").GetString();
        }

        Assert.EndsWith("<think>\n", prompts[0], StringComparison.Ordinal);
        Assert.Equal(prompts[0], prompts[1]);
        Assert.DoesNotContain("<think>", prompts[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_made_of_blocks()
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/messages", Message("<think>So.</think>Look: " + Call));
        Assert.True(status == 200, json.ToString());
        JsonElement[] blocks = [.. json.GetProperty("content").EnumerateArray()];
        Assert.Equal(["thinking", "text", "tool_use"], blocks.Select(block => block.GetProperty("type").GetString()));
        Assert.Equal("it", blocks[2].GetProperty("input").GetProperty("at").GetString());
        Assert.Equal("tool_use", json.GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task Streamed_blocks_begin_go_on_and_end()
    {
        List<(string? Name, string Text)> events = await server.EventsAsync("/v1/messages", Message("<think>So.</think>Look: " + Call, ", \"stream\": true"));
        Assert.All(events, e => Assert.Equal(e.Name, JsonElement.Parse(e.Text).GetProperty("type").GetString()));
        Assert.Equal(("message_start", "message_stop"), (events[0].Name, events[^1].Name));
        Assert.Equal(3, events.Count(e => e.Name == "content_block_start"));
        Assert.Equal(3, events.Count(e => e.Name == "content_block_stop"));
        var end = JsonElement.Parse(events[^2].Text);
        Assert.Equal("tool_use", end.GetProperty("delta").GetProperty("stop_reason").GetString());
        Assert.True(end.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Responses_are_made_of_items()
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/responses", Response("<think>So.</think>Look: " + Call));
        Assert.True(status == 200, json.ToString());
        JsonElement[] items = [.. json.GetProperty("output").EnumerateArray()];
        Assert.Equal(["reasoning", "message", "function_call"], items.Select(item => item.GetProperty("type").GetString()));
        Assert.Equal("Look:", items[1].GetProperty("content")[0].GetProperty("text").GetString()!.Trim());
        Assert.Equal("completed", json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Events_of_a_response_are_numbered_and_add_up()
    {
        List<(string? Name, string Text)> events = await server.EventsAsync("/v1/responses", Response("Yes. " + Call, ", \"stream\": true"));
        JsonElement[] all = [.. events.Select(e => JsonElement.Parse(e.Text))];
        Assert.Equal(Enumerable.Range(0, all.Length), all.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(("response.created", "response.completed"), (events[0].Name, events[^1].Name));
        string text = string.Concat(all.Where(e => e.GetProperty("type").GetString() == "response.output_text.delta").Select(e => e.GetProperty("delta").GetString()));
        Assert.Equal(text, all.Single(e => e.GetProperty("type").GetString() == "response.output_text.done").GetProperty("text").GetString());
        Assert.Equal(2, all[^1].GetProperty("response").GetProperty("output").GetArrayLength());
    }

    private static string Grammar(string answer) => JsonEncodedText.Encode($"root ::= \"{answer.Replace("\"", "\\\"", StringComparison.Ordinal)}\"").ToString();

    private static string Chat(string answer, string more = "") =>
        $$"""{"messages": [{"role": "user", "content": "Look at it."}], "tools": {{Tools}}, "grammar": "{{Grammar(answer)}}"{{more}} }""";

    private static string Message(string answer, string more = "") => $$"""
        {"max_tokens": 200, "messages": [{"role": "user", "content": "Look at it."}], "grammar": "{{Grammar(answer)}}",
        "tools": [{"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"} } } }]{{more}} }
        """;

    private static string Response(string answer, string more = "") => $$"""
        {"input": "Look at it.", "grammar": "{{Grammar(answer)}}",
        "tools": [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "string"} } } }]{{more}} }
        """;
}
