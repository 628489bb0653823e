using System.Diagnostics;
using Thimble.Tests.Library.Shelf;

namespace Thimble.Tests.Cli;

/// <summary>A small disk, which a namespace of its own has and nobody else sees.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Piece = 16 << 20;

    private readonly HubFixture _hub = new(bytes: Piece + 1_500_000);

    public void Dispose() => _hub.Dispose();

    [SmallDiskFact(1), Trait("Speed", "Slow")]
    public async Task A_disk_that_fills_up_on_the_way_keeps_what_came()
    {
        string meeting = Directory.CreateDirectory(_hub.Folder["meeting"]).FullName;
        _hub.OnStorage = asked =>
        {
            // The disk had room when the pull began; when one piece is there somebody else takes it.
            if (asked.Range!.Value.From > 0 && !File.Exists(Path.Combine(meeting, "full")))
            {
                File.WriteAllText(Path.Combine(meeting, "fill"), "");
                while (!File.Exists(Path.Combine(meeting, "full")))
                    Thread.Yield();
            }

            return Answer.File(_hub.File, asked);
        };
        string said = await RunAsync("""
            $pull --connections 1 2> meeting/said & pid=$!
            while [ ! -e meeting/fill ]; do sleep 0.02; done
            head -c 40000000 /dev/zero > disk/filler 2> meeting/none; touch meeting/full
            wait $pid; echo "first $?"; cat meeting/said; $thimble list; echo listed
            rm disk/filler; $pull; echo "second $?"; $thimble list
            """);
        AssertMatches("first 1\nerror: The disk of '.*' is full: [0-9]+ bytes are to come, [0-9]+ are left. Make room and pull again: it goes on where it stopped.\nNAME .*\ndefault .*\nlisted\n", said);
        AssertMatches("second 0\nNAME .*\ndefault .*\nhf.co/owner/repo:Q4_K_M ", said);
        Assert.Single(_hub.Storage.Requests, asked => asked.Range!.Value.From == 0);
    }

    [SmallDiskFact(1), Trait("Speed", "Slow")]
    public async Task A_body_of_unknown_length_fills_no_disk_for_ever()
    {
        _hub.File = new byte[40_000_000];
        _hub.OnStorage = _ => new(200, _hub.File) { Length = null };
        string said = await RunAsync($"$thimble pull {_hub.Storage.Address}big.gguf 2>&1; echo \"first $?\"; $thimble list; find disk -type f -size +1k | wc -l");
        // Nothing of it could be gone on with, so nothing stays.
        AssertMatches("^error: The disk of '.*' is full: .*Make room and pull again.\nfirst 1\nNAME .*\ndefault .*\n0\n$", said);
    }

    private static void AssertMatches(string pattern, string said) => Assert.True(System.Text.RegularExpressions.Regex.IsMatch(said, pattern), said);

    /// <summary>Runs lines of the shell with a small disk at <c>disk</c>, which is the models folder.</summary>
    private async Task<string> RunAsync(string lines)
    {
        string folder = _hub.Folder.Path;
        Directory.CreateDirectory(Path.Combine(folder, "disk"));
        string script = $"""
            cd '{folder}' && mount -t tmpfs -o size=24m tmpfs disk || exit 9
            thimble="{ThimbleProcess.Host} {ThimbleProcess.Command}"; pull="$thimble pull hf.co/owner/repo"
            {lines}
            """;
        using var shell = ThimbleProcess.Script("unshare", ["-rm", "sh", "-c", script], new Dictionary<string, string>
        {
            ["HF_ENDPOINT"] = _hub.Hub.Address.AbsoluteUri,
            ["HF_TOKEN"] = "",
            ["THIMBLE_MODELS"] = Path.Combine(folder, "disk"),
            ["THIMBLE_OFFLINE"] = "",
        });
        (int _, string said, string error) = await shell.EndAsync();
        Assert.True(!error.Contains("mount:", StringComparison.Ordinal), error);
        return said;
    }
}

/// <summary>A test that needs a small disk of its own, which Linux lends to those who may make namespaces.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    /// <param name="cases">Cases left out where there is none.</param>
    public SmallDiskFactAttribute(int cases)
    {
        if (!s_isThere.Value)
            Skip = $"{cases} cases left out: no disk can be made here ('unshare -rm mount -t tmpfs' is refused).";
    }

    private static readonly Lazy<bool> s_isThere = new(static () =>
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare"))
            return false;
        using var made = Process.Start(new ProcessStartInfo("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]) { RedirectStandardError = true });
        made!.WaitForExit();
        return made.ExitCode == 0;
    });
}
