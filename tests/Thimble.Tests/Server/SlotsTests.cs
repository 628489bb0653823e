using System.Text.Json;
using Thimble.Server;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

public sealed class SlotsTests : IDisposable
{
    private const string Story = "Once upon a time there was a little dog who lived in a big house by the sea with a boy and a girl and a cat and many birds. "
        + "Every day the dog went out to the sea and looked at the ships and the birds, and every day the cat stayed in the house and slept. One day the dog said";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restored_slot_is_known_to_the_next_prompt_of_another_server()
    {
        string text;
        int tokens;
        await using (RunningServer first = Server())
        {
            JsonElement said = await AskAsync(first, "/completion", Completion(3));
            text = said.GetProperty("content").GetString()!;
            JsonElement saved = await AskAsync(first, "/slots/3?action=save", """{"filename": "a.bin"}""");
            tokens = saved.GetProperty("n_saved").GetInt32();
            Assert.Equal(new FileInfo(_folder["a.bin"]).Length, saved.GetProperty("n_written").GetInt64());
            Assert.True(saved.GetProperty("n_written").GetInt64() > 1000 * tokens, "Keys and values are in it.");
        }

        await using RunningServer second = Server();
        JsonElement restored = await AskAsync(second, "/slots/5?action=restore", """{"filename": "a.bin"}""");
        Assert.Equal((tokens, 5), (restored.GetProperty("n_restored").GetInt32(), restored.GetProperty("id_slot").GetInt32()));
        JsonElement other = await AskAsync(second, "/v1/completions", $$"""{"prompt": "{{Story}}", "max_tokens": 8, "temperature": 0}""");
        int known = other.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
        Assert.True(known >= other.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() - 9, $"{known} tokens are known.");   // fewer than 8 behind a whole block are not looked for
        JsonElement named = await AskAsync(second, "/completion", Completion(5));
        Assert.Equal(named.GetProperty("tokens_evaluated").GetInt32() - 1, named.GetProperty("tokens_cached").GetInt32());
        Assert.Equal((text, text), (named.GetProperty("content").GetString(), other.GetProperty("choices")[0].GetProperty("text").GetString()));
        JsonElement erased = await AskAsync(second, "/slots/5?action=erase", "{}");
        Assert.True(erased.GetProperty("n_erased").GetInt32() >= tokens);
    }

    [Fact]
    public async Task A_cut_damaged_or_foreign_file_is_refused()
    {
        await using RunningServer server = Server(), other = Server(options => options.Opening = new() { CacheFormat = "F32" });
        await AskAsync(server, "/completion", Completion(0));
        await AskAsync(server, "/slots/0?action=save", """{"filename": "whole.bin"}""");
        byte[] bytes = await File.ReadAllBytesAsync(_folder["whole.bin"]);
        await File.WriteAllBytesAsync(_folder["cut.bin"], bytes[..^5]);
        await File.WriteAllBytesAsync(_folder["short.bin"], bytes[..20]);
        await File.WriteAllBytesAsync(_folder["other.bin"], new byte[4096]);
        bytes[^500] ^= 1;
        await File.WriteAllBytesAsync(_folder["bent.bin"], bytes);
        Assert.Contains("cut short", await RefusedAsync(server, "cut.bin"), StringComparison.Ordinal);
        Assert.Contains("cut short", await RefusedAsync(server, "short.bin"), StringComparison.Ordinal);
        Assert.Contains("no saved session", await RefusedAsync(server, "other.bin"), StringComparison.Ordinal);
        Assert.Contains("damaged", await RefusedAsync(server, "bent.bin"), StringComparison.Ordinal);
        Assert.Contains("another model", await RefusedAsync(other, "whole.bin"), StringComparison.Ordinal);
        Assert.Contains("no saved slot", await RefusedAsync(server, "none.bin"), StringComparison.Ordinal);
        JsonElement after = await AskAsync(server, "/completion", Completion(0));
        Assert.True(after.GetProperty("tokens_cached").GetInt32() > 0);
    }

    [Fact]
    public async Task Nothing_is_written_outside_the_folder()
    {
        await using RunningServer server = Server();
        await AskAsync(server, "/completion", Completion(3));
        foreach (string name in (string[])["../a.bin", "/etc/passwd", ".hidden", "a/b", "a\\\\b"])
            Assert.Equal(400, (await server.PostAsync("/slots/3?action=save", $$"""{"filename": "{{name}}"}""")).Status);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Equal(400, (await server.PostAsync("/slots/4?action=save", """{"filename": "a.bin"}""")).Status);
    }

    private static string Completion(int slot) => $$"""{"prompt": "{{Story}}", "n_predict": 8, "temperature": 0, "id_slot": {{slot}}}""";

    private RunningServer Server(Action<ServerOptions>? configure = null) => new(options =>
    {
        options.SlotFolder = _folder.Path;
        configure?.Invoke(options);
    });

    private static async Task<JsonElement> AskAsync(RunningServer server, string path, string body)
    {
        (int status, JsonElement json) = await server.PostAsync(path, body);
        Assert.True(status == 200, json.ToString());
        return json;
    }

    private static async Task<string?> RefusedAsync(RunningServer server, string file)
    {
        (int status, JsonElement json) = await server.PostAsync("/slots/1?action=restore", $$"""{"filename": "{{file}}"}""");
        Assert.Equal(400, status);
        return json.GetProperty("error").GetProperty("message").GetString();
    }
}
