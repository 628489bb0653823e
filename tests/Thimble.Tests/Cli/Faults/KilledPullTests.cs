using Thimble.Library;
using Thimble.Tests.Library.Shelf;

namespace Thimble.Tests.Cli;

/// <summary>Processes that pull or save and are killed at any moment.</summary>
public sealed class KilledPullTests : IDisposable
{
    private const int Piece = 16 << 20;

    private readonly HubFixture _hub = new(bytes: (3 * Piece) + 5);

    public void Dispose() => _hub.Dispose();

    [Fact, Trait("Speed", "Slow")]
    public async Task A_pull_that_is_killed_at_every_request_goes_on_and_leaves_no_half_model()
    {
        for (int killed = 0; killed < 5; killed++)
            await KillAtAsync(request: killed);
        _hub.OnHub = _hub.Answer;
        _hub.OnStorage = asked => Answer.File(_hub.File, asked);
        int before = _hub.Storage.Requests.Length;
        using ThimbleProcess last = Pull();
        (int code, string _, string error) = await last.EndAsync();
        Assert.True(code == 0, error);
        _hub.AssertPulled(Assert.Single(_hub.Models.List()));
        Assert.InRange(_hub.Storage.Requests.Length - before, 0, 1);   // three of the four pieces were there already
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_pull_that_is_killed_when_all_is_there_is_listed_whole_or_not_at_all()
    {
        _hub.File = _hub.File[..100_000];
        foreach (string moment in (string[])["partial", "blobs", "manifests"])
        {
            using (ThimbleProcess pull = Pull())
            {
                while (!pull.HasExited && !HasFile(moment))
                    await Task.Yield();
                await pull.KillAsync();
            }

            Assert.All(_hub.Models.List(), model => Assert.Equal(_hub.File, File.ReadAllBytes(model.Path)));
        }

        using ThimbleProcess last = Pull();
        Assert.Equal(0, (await last.EndAsync()).Code);
        _hub.AssertPulled(Assert.Single(_hub.Models.List()));
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_model_that_is_being_written_is_there_whole_or_not_at_all()
    {
        string story = Path.Combine(Golden.Root, "models", "tinystories.gguf"), made = _hub.Folder["made.gguf"];
        for (int i = 0; i < 4; i++)
        {
            using (ThimbleProcess quantize = new([], "quantize", story, made, "q8_0", "--allow-requantize"))
            {
                while (!quantize.HasExited && !Directory.EnumerateFiles(_hub.Folder.Path).Any())
                    await Task.Yield();
                await quantize.KillAsync();
            }

            Assert.All(_hub.Models.List(), model => Opens(model.Path));
            Assert.True(_hub.Models.List().Count <= 1, "A draft is in the list.");
            File.Delete(made);
        }

        static void Opens(string path) => Model.Open(path).Dispose();
    }

    private async Task KillAtAsync(int request)
    {
        ThimbleProcess? pull = null;
        int asked = 0;
        _hub.OnHub = question => Step() ? new(200, []) { Hangs = true, Length = 10 } : _hub.Answer(question);
        _hub.OnStorage = question => Step() ? Half(question) : Answer.File(_hub.File, question);
        using (pull = Pull())
            await pull.EndAsync();
        Assert.Empty(_hub.Models.List());

        bool Step()
        {
            if (asked++ != request)
                return asked > request + 1;   // what it still asked for before it died
            while (pull is null)
                Thread.Yield();
            _ = pull.KillAsync();
            return true;
        }
    }

    /// <summary>The first half of what was asked for, and then nothing.</summary>
    private Answer Half(Asked asked)
    {
        var whole = Answer.File(_hub.File, asked);
        return whole with { Body = whole.Body[..(whole.Body.Length / 2)], Length = whole.Body.Length, Hangs = true };
    }

    private bool HasFile(string folder) => Directory.Exists(_hub.Folder[$".shelf/{folder}"]) && Directory.EnumerateFiles(_hub.Folder[$".shelf/{folder}"], "*", SearchOption.AllDirectories).Any();

    private ThimbleProcess Pull() => new(
        new Dictionary<string, string> { ["HF_ENDPOINT"] = _hub.Hub.Address.AbsoluteUri, ["THIMBLE_MODELS"] = _hub.Folder.Path, ["HF_TOKEN"] = "", ["THIMBLE_OFFLINE"] = "" },
        "pull", "hf.co/owner/repo", "--connections", "1");
}
