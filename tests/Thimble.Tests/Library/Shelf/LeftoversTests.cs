using Thimble.Library;

namespace Thimble.Tests.Library.Shelf;

public sealed class LeftoversTests : IDisposable
{
    private readonly HubFixture _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task Pieces_that_nobody_went_on_with_are_cleared_away()
    {
        string key = "sha256-" + new string('a', 64), other = "sha256-" + new string('b', 64);
        Put(key, 1000, days: 15);
        Put(key + ".pieces", 10, days: 15);
        Put(other, 1000, days: 15);
        Put(other + ".pieces", 10, days: 1);   // somebody went on with it yesterday
        await _hub.Pull();
        Assert.Equal([other, other + ".pieces"], Left());
    }

    [Fact]
    public async Task What_a_killed_sender_left_is_cleared_away_at_once()
    {
        string digest = "sha256-" + new string('c', 64);
        Put("sent-abc.def", 500, days: 0);
        Put("sent-abc.def.pieces", 5, days: 0);
        Put(digest + ".sent", 0, days: 2);
        Put(digest + ".lock", 0, days: 0);
        await _hub.Pull();
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Pieces_of_what_is_there_whole_are_cleared_away()
    {
        ModelEntry entry = await _hub.Pull();
        Put(Path.GetFileName(entry.Path), 3, days: 0);
        Assert.Equal(3, _hub.Models.Store.Collect());
        Assert.Empty(Left());
        Assert.True(File.Exists(entry.Path));
    }

    [Fact]
    public async Task Nothing_is_cleared_while_somebody_pulls()
    {
        await _hub.Pull();
        Put("sent-abc", 500, days: 30);
        using (ShelfLock.TryTake(_hub.Models.Store.PullingLock, shared: true))
            Assert.Equal(0, _hub.Models.Store.Collect());
        Assert.Equal(500, _hub.Models.Store.Collect());
    }

    [Fact]
    public async Task Drafts_of_manifests_and_views_go_after_a_day()
    {
        await _hub.Pull();
        string old = Put("../manifests/hf.co/x.json.a.part", 7, days: 2), young = Put("../manifests/hf.co/y.json.b.part", 7, days: 0);
        string view = Path.Combine(_hub.Folder.Path, ".shelf", "views", "x.c.part");
        Directory.CreateDirectory(view);
        Directory.SetLastWriteTimeUtc(view, Long(2));
        Assert.Equal(7, _hub.Models.Store.Collect());
        Assert.Equal((false, true, false), (File.Exists(old), File.Exists(young), Directory.Exists(view)));
    }

    private string Put(string name, int bytes, int days)
    {
        string path = Path.GetFullPath(Path.Combine(_hub.Folder.Path, ".shelf", "partial", name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
        File.SetLastWriteTimeUtc(path, Long(days));
        return path;
    }

    private static DateTime Long(int days) => (TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(days)).UtcDateTime;

    private string[] Left() => [.. Directory.EnumerateFiles(Path.Combine(_hub.Folder.Path, ".shelf", "partial")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
