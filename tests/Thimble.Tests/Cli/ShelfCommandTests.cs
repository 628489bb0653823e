using System.Diagnostics;
using Thimble.Library;
using Thimble.Tests.Library.Shelf;

namespace Thimble.Tests.Cli;

public sealed class ShelfCommandTests : IDisposable
{
    private readonly HubFixture _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task A_model_is_pulled_copied_listed_and_removed()
    {
        _hub.File = await File.ReadAllBytesAsync(Path.Combine(Golden.Root, "models", "tinystories.gguf"));
        (int code, string text, string _) = await Terminal().Run("pull", "hf.co/owner/repo", "--as", "tales:small");
        Assert.Equal((0, "tales:small   3.0 MB\n"), (code, text));
        Assert.Equal(0, (await Terminal().Run("cp", "tales", "mine")).Code);
        Assert.Matches("(?m)^mine +3.0 MB +Q4_0.*\n^tales:small ", (await Terminal().Run("list")).Out);
        Assert.Contains("ple-c3M-s0", (await Terminal().Run("show", "tales:small")).Out, StringComparison.Ordinal);
        Assert.StartsWith("Once", (await Terminal().Run("run", "mine", "Once", "-n", "4", "--seed", "1")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Terminal().Run("rm", "mine", "tales:small")).Code);
        Assert.Empty(_hub.Models.List());
    }

    [Fact]
    public async Task A_model_is_made_of_a_file_and_used_as_it_wants()
    {
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), _hub.Folder["x.gguf"]);
        string recipe = _hub.Folder.Write("Modelfile", [.. "FROM ./x.gguf\nPARAMETER temperature 0\nPARAMETER num_predict 6\nPARAMETER num_keep 2\n"u8]);
        Assert.Equal(0, (await Terminal().Run("create", "mine", "-f", recipe)).Code);
        (int code, string made, string notes) = await Terminal(notes: true).Run("run", "mine", "Once upon a time");
        Assert.Equal(0, code);
        Assert.Contains("'num_keep' means nothing here", notes, StringComparison.Ordinal);
        Assert.Equal((await Terminal().Run("run", _hub.Folder["x.gguf"], "Once upon a time", "--temp", "0", "-n", "6")).Out, made);
        Assert.NotEqual(made, (await Terminal().Run("run", "mine", "Once upon a time", "-n", "9")).Out);
    }

    [Fact]
    public async Task Progress_says_how_much_and_how_fast()
    {
        ScriptedTerminal terminal = Terminal(notes: true);
        await terminal.Run("pull", "hf.co/owner/repo", "--connections", "1");
        Assert.Matches(@"\rpulling [0-9a-f]{12}  [0-9]+ %", terminal.Error.ToString()!);
        Assert.EndsWith("\r\e[K", terminal.Error.ToString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_one_line()
    {
        (int code, string _, string error) = await Terminal().Run("pull", "hf.co/owner/other");
        Assert.Equal(1, code);
        Assert.Matches("^error: There is no repository 'owner/other' at .*/api/models/owner/other/tree/main' is not there [(]404[)][.]\n$", error);
        _hub.Folder.Write("own.gguf", [1]);
        (code, _, error) = await Terminal().Run("rm", "own");
        Assert.Equal(2, code);
        Assert.Contains("--force deletes it", error, StringComparison.Ordinal);
        Assert.Equal(0, (await Terminal().Run("rm", "own", "--force")).Code);
        ScriptedTerminal offline = Terminal();
        offline.Variables["THIMBLE_OFFLINE"] = "1";
        Assert.Contains("Unset it", (await offline.Run("pull", "tales")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_server_is_asked_for_its_models()
    {
        using var server = new LoopbackHost(asked => asked.Path switch
        {
            "/api/ps" => Answer.Text("""{"models":[{"name":"tales","size":4000000,"context_length":512,"expires_at":"2999-01-01T00:00:00Z"}]}"""),
            _ => new(404, [.. """{"error":"no such model"}"""u8], ("Content-Type", "application/json")),
        });
        ScriptedTerminal terminal = Terminal();
        terminal.Variables["OLLAMA_HOST"] = server.Address.Authority;
        Assert.Matches("(?m)^tales +4.0 MB +512 +stays$", (await terminal.Run("ps")).Out);
        Assert.Contains("no such model", (await terminal.Run("stop", "x")).Error, StringComparison.Ordinal);
        terminal.Variables["OLLAMA_HOST"] = ":1";
        Assert.Contains("No server answers at http://127.0.0.1:1/", (await terminal.Run("ps")).Error, StringComparison.Ordinal);
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_killed_pull_leaves_no_half_model_and_goes_on()
    {
        var stalled = new TaskCompletionSource();
        int asked = 0;
        _hub.File = new byte[36 << 20];   // three pieces
        Func<Asked, Answer> whole = _hub.OnStorage;
        _hub.OnStorage = request =>
        {
            if (++asked < 3)
                return whole(request);
            stalled.TrySetResult();
            return whole(request) with { Body = [0, 0, 0], Length = 4 << 20, Hangs = true };
        };
        using Process killed = Start();
        await stalled.Task.WaitAsync(TimeSpan.FromSeconds(60));
        killed.Kill();
        await killed.WaitForExitAsync();
        Assert.Empty(_hub.Models.List());
        Assert.NotEmpty(Directory.EnumerateFiles(_hub.Folder[".shelf/partial"], "*.pieces"));

        _hub.OnStorage = whole;
        int before = _hub.Storage.Requests.Length;
        _hub.AssertPulled(await _hub.Pull());
        Assert.Single(_hub.Storage.Requests[before..]);
    }

    private ScriptedTerminal Terminal(bool notes = false)
    {
        var terminal = new ScriptedTerminal { Models = _hub.Folder.Path, NotesShown = notes };
        terminal.Variables["HF_ENDPOINT"] = terminal.Variables["THIMBLE_REGISTRY"] = _hub.Hub.Address.AbsoluteUri;
        return terminal;
    }

    /// <summary>The command in a process of its own.</summary>
    private Process Start()
    {
        ProcessStartInfo start = new("dotnet", [typeof(Thimble.Cli.Commands.PullCommand).Assembly.Location, "pull", "hf.co/owner/repo", "--connections", "1"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["THIMBLE_MODELS"] = _hub.Folder.Path;
        start.Environment["HF_ENDPOINT"] = _hub.Hub.Address.AbsoluteUri;
        return Process.Start(start)!;
    }
}
