using Thimble.Library;
using Thimble.Tests.Models.Files.Import;

namespace Thimble.Tests.Library.Shelf;

public sealed class ShelfLockTests : IDisposable
{
    private readonly Scratch _folder = new();

    [Fact]
    public void Who_waits_too_long_is_told_for_what()
    {
        string path = _folder["lock"];
        using var held = ShelfLock.Take(path);
        IOException refused = Assert.Throws<IOException>(() => ShelfLock.Take(path, patience: TimeSpan.Zero));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_shares_does_not_wait_for_others_who_share()
    {
        using var one = ShelfLock.Take(_folder["lock"], shared: true, patience: TimeSpan.Zero);
        using var other = ShelfLock.Take(_folder["lock"], shared: true, patience: TimeSpan.Zero);
        Assert.Null(ShelfLock.TryTake(_folder["lock"]));
    }

    public void Dispose() => _folder.Dispose();
}
