using System.Net.Http.Json;
using System.Text.Json;
using Thimble.Tests.Models;

namespace Thimble.Tests.Cli;

/// <summary>A server that is killed while it answers, and started again.</summary>
public sealed class KilledServerTests : IDisposable
{
    private const string Ask = """{"prompt": "Once upon a time", "max_tokens": 16, "temperature": 1, "seed": 3""";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_server_killed_while_it_answers_answers_the_same_after_a_restart()
    {
        string before;
        Uri address;
        using (ThimbleProcess server = Serve("0"))
        {
            address = await server.Listening;
            before = await TextAsync(address);
            using HttpResponseMessage running = await SendAsync(new(address, "v1/completions"), Ask.Replace("16", "400", StringComparison.Ordinal) + """, "ignore_eos": true, "stream": true}""");
            await using Stream stream = await running.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[64]);
            await server.KillAsync();
            // Who listened is told that there is no more, and cannot take it for whole.
            await Assert.ThrowsAnyAsync<Exception>(async () => await stream.CopyToAsync(Stream.Null));
        }

        using ThimbleProcess again = Serve(address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(address, await again.Listening);
        Assert.Equal(before, await TextAsync(address));
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_server_killed_while_it_saves_keeps_what_was_saved_before()
    {
        for (int killed = 0; killed < 3; killed++)
        {
            using (ThimbleProcess server = Serve("0"))
            {
                Uri address = await server.Listening;
                using HttpResponseMessage asked = await SendAsync(new(address, "completion"), """{"prompt": "Once upon a time there was", "n_predict": 1, "id_slot": 2}""");
                Assert.Equal(200, await ActAsync(address, "save"));
                Task<int>[] saving = [.. Enumerable.Range(0, 20).Select(_ => ActAsync(address, "save"))];
                await Task.WhenAny(saving);
                await server.KillAsync();
                await Task.WhenAll(saving);
            }

            using ThimbleProcess again = Serve("0");
            Assert.Equal(200, await ActAsync(await again.Listening, "restore"));
        }
    }

    private ThimbleProcess Serve(string port) => new(
        new Dictionary<string, string> { ["THIMBLE_MODELS"] = _folder.Path, ["OLLAMA_HOST"] = "" }, "serve", "--port", port, "--slot-save-path", _folder.Path, "--no-webui", "-t", "1");

    private async Task<string> TextAsync(Uri address)
    {
        using HttpResponseMessage response = await SendAsync(new(address, "v1/completions"), Ask + "}");
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("choices")[0].GetProperty("text").GetString()!;
    }

    /// <returns>The status; 0 where the server was gone.</returns>
    private async Task<int> ActAsync(Uri address, string action)
    {
        try
        {
            using HttpResponseMessage response = await SendAsync(new(address, $"slots/2?action={action}"), """{"filename": "kept.bin"}""");
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private Task<HttpResponseMessage> SendAsync(Uri address, string json) =>
        _client.SendAsync(new(HttpMethod.Post, address) { Content = new StringContent(json) }, HttpCompletionOption.ResponseHeadersRead);
}
