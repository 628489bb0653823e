using System.Text.Json;

namespace Thimble.Tests.Server;

/// <summary>Answers of this server against OpenAI's own description of its API.</summary>
public class OpenApiTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Description = "data/openai-openapi/openapi.yaml", Words = "\"max_tokens\": 4, \"temperature\": 0";
    private const string Call = """<tool_call>{\"name\": \"look\", \"arguments\": {\"at\": \"it\"}}</tool_call>""";
    private const string Tools = """[{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}}]""";

    private static readonly Lazy<OpenApi> s_api = new(() => OpenApi.Load(Golden.Shared(Description)));

    private static readonly string[] s_chats =
    [
        $$"""{"model": "stories", "messages": [{"role": "user", "content": "Once"}], {{Words}} }""",
        $$"""{"model": "stories", "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": [{"type": "text", "text": "Once"}]}], "n": 2, "logprobs": true, "top_logprobs": 2, {{Words}} }""",
        $$"""{"model": "stories", "messages": [{"role": "user", "content": "Look"}], "tools": {{Tools}}, "tool_choice": "required", "parallel_tool_calls": false, "max_completion_tokens": 100, "seed": 4, "reasoning_effort": "none"}""",
        $$"""{"model": "stories", "messages": [{"role": "user", "content": "Think"}], "grammar": {{Forced("<think>So.</think>Yes.")}} }""",
        """{"model": "stories", "messages": [{"role": "user", "content": "Age?"}], "max_tokens": 100, "reasoning_effort": "none", "response_format": {"type": "json_schema", "json_schema": {"name": "age", "strict": true, "schema": {"enum": [1, 2]}}}}""",
    ];

    private static readonly string[] s_texts =
    [
        """{"model": "stories", "prompt": "Once", "max_tokens": 4}""",
        """{"model": "stories", "prompt": ["Once", "One"], "max_tokens": 4, "n": 2, "best_of": 2, "logprobs": 2, "echo": false, "stop": ["."], "seed": 1}""",
        """{"model": "stories", "prompt": [1, 2], "max_tokens": 4, "logit_bias": {"5": -100}}""",
    ];

    private static readonly string[] s_responses =
    [
        """{"model": "stories", "input": "Once", "max_output_tokens": 16}""",
        """{"model": "stories", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Once"}]}], "instructions": "Be brief.", "metadata": {"a": "b"}, "max_output_tokens": 16, "store": false}""",
        $$"""{"model": "stories", "input": "Look", "grammar": {{Forced("<think>So.</think>Yes. " + Call)}}, "tools": [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "string"} } }, "strict": false}] }""",
    ];

    [SharedFact(Description, 10), Trait("Speed", "Slow")]
    public async Task Chats_are_as_described()
    {
        foreach (string ask in s_chats)
        {
            Require("CreateChatCompletionRequest", ask);
            Require("CreateChatCompletionResponse", await AskAsync("/v1/chat/completions", ask));
            foreach (JsonElement chunk in await StreamAsync("/v1/chat/completions", ask))
                Require("CreateChatCompletionStreamResponse", chunk);
        }
    }

    [SharedFact(Description, 6), Trait("Speed", "Slow")]
    public async Task Completions_are_as_described()
    {
        foreach (string ask in s_texts)
        {
            Require("CreateCompletionRequest", ask);
            Require("CreateCompletionResponse", await AskAsync("/v1/completions", ask));
            foreach (JsonElement chunk in await StreamAsync("/v1/completions", ask))
                Require("CreateCompletionResponse", chunk, "finish_reason");   // of a piece before the last it is null, as OpenAI's own are
        }
    }

    [SharedFact(Description, 6), Trait("Speed", "Slow")]
    public async Task Responses_are_as_described()
    {
        foreach (string ask in s_responses)
        {
            Require("CreateResponse", ask);
            Require("Response", await AskAsync("/v1/responses", ask));
            foreach (JsonElement piece in await StreamAsync("/v1/responses", ask))
                Assert.Empty(s_api.Value.EventFaults("ResponseStreamEvent", piece));
        }
    }

    [SharedFact(Description, 5), Trait("Speed", "Slow")]
    public async Task Vectors_models_and_refusals_are_as_described()
    {
        foreach (string ask in (string[])["""{"model": "stories", "input": ["a", "b"]}""", """{"model": "stories", "input": "a", "encoding_format": "float", "dimensions": 8}"""])
        {
            Require("CreateEmbeddingRequest", ask);
            Require("CreateEmbeddingResponse", await AskAsync("/v1/embeddings", ask));
        }

        Require("ListModelsResponse", (await server.GetAsync("/v1/models")).Json);
        Require("Model", (await server.GetAsync("/v1/models/stories")).Json);
        Require("ErrorResponse", (await server.PostAsync("/v1/chat/completions", "{}")).Json);
    }

    [SharedFact(Description, 1), Trait("Speed", "Slow")]
    public void The_description_itself_bites()
    {
        Assert.NotEmpty(s_api.Value.Faults("Model", JsonElement.Parse("""{"id": "x", "object": "model", "created": 1.5, "owned_by": "me"}""")));
        Assert.NotEmpty(s_api.Value.Faults("ListModelsResponse", JsonElement.Parse("""{"object": "list", "data": [{}]}""")));
        Assert.NotEmpty(s_api.Value.EventFaults("ResponseStreamEvent", JsonElement.Parse("""{"type": "response.output_text.delta"}""")));
    }

    private static string Forced(string answer) => JsonSerializer.Serialize($"root ::= \"{answer}\"");

    private static void Require(string schema, string json) => Require(schema, JsonElement.Parse(json));

    private static void Require(string schema, JsonElement json, string? butFor = null)
    {
        List<string> faults = s_api.Value.Faults(schema, json);
        faults.RemoveAll(fault => butFor is not null && fault.Contains(butFor, StringComparison.Ordinal));
        Assert.Empty(faults);
    }

    private async Task<JsonElement> AskAsync(string path, string ask)
    {
        (int status, JsonElement json) = await server.PostAsync(path, ask);
        Assert.True(status == 200, json.ToString());
        return json;
    }

    private async Task<JsonElement[]> StreamAsync(string path, string ask)
    {
        string options = path.EndsWith("responses", StringComparison.Ordinal) ? "" : ", \"stream_options\": {\"include_usage\": true}";
        List<(string? Name, string Text)> events = await server.EventsAsync(path, $"{ask.TrimEnd()[..^1]}, \"stream\": true{options}}}");
        return [.. events.Where(e => e.Text != "[DONE]").Select(e => JsonElement.Parse(e.Text))];
    }
}
