using System.Net;
using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.OpenAi;

namespace Thimble.Tests.Server;

public class ResponsesTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "/v1/responses";

    [Fact]
    public async Task A_response_goes_on_from_an_earlier_one()
    {
        (int _, JsonElement first) = await server.PostAsync(Path, """{"input": "Once upon a time", "max_output_tokens": 6, "temperature": 0, "instructions": "Be brief."}""");
        (int _, JsonElement next) = await server.PostAsync(Path, $$"""{"input": "And then?", "previous_response_id": {{first.GetProperty("id").GetRawText()}}, "max_output_tokens": 4, "temperature": 0}""");
        string said = Text(first);
        (int _, JsonElement whole) = await server.PostAsync(Path, $$"""
            {"input": [{"role": "user", "content": "Once upon a time"}, {"role": "assistant", "content": {{Quoted(said)}}}, {"role": "user", "content": "And then?"}],
            "max_output_tokens": 4, "temperature": 0}
            """);
        Assert.Equal(whole.GetProperty("usage").GetProperty("input_tokens").GetInt32(), next.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.Equal(Text(whole), Text(next));
    }

    [Fact]
    public async Task A_stored_response_is_shown_and_forgotten()
    {
        (int _, JsonElement made) = await server.PostAsync(Path, """{"input": "Hi", "max_output_tokens": 2}""");
        string at = $"{Path}/{made.GetProperty("id").GetString()}";
        (int status, JsonElement shown) = await server.GetAsync(at);
        Assert.Equal((200, Text(made)), (status, Text(shown)));
        using HttpResponseMessage removed = await server.Client.DeleteAsync(at);
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        Assert.Equal(404, (await server.GetAsync(at)).Status);
    }

    [Fact]
    public async Task What_is_not_stored_cannot_be_gone_on_from()
    {
        (int _, JsonElement made) = await server.PostAsync(Path, """{"input": "Hi", "max_output_tokens": 2, "store": false}""");
        (int status, JsonElement json) = await server.PostAsync(Path, $$"""{"input": "And?", "previous_response_id": {{made.GetProperty("id").GetRawText()}}}""");
        Assert.Equal((400, "previous_response_id"), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public void A_store_is_bounded_and_each_keys_own()
    {
        var store = new ResponseStore();
        for (int i = 0; i < 3000; i++)
            store.Add(new($"r{i}", "a", [new ChatTurn("user", "Hi")], []));
        Assert.Null(store.Find("r0", "a"));
        Assert.NotNull(store.Find("r2999", "a"));
        Assert.Null(store.Find("r2999", "b"));
        store.Add(new("large", "a", [new ChatTurn("user", new string('x', 65 << 20))], []));
        Assert.Null(store.Find("large", "a"));
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Text(JsonElement response) => string.Concat(
        response.GetProperty("output").EnumerateArray().Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()));
}
