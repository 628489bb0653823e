using System.Diagnostics;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class GgufHostileTests
{
    private const ulong Huge = 0x7FFF_FFFF_FFFF_FFFF, Negative = 0x8000_0000_0000_0000;

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "end", [] },
        { "'GGUF'", new byte[64] },
        { "claims 10000000 metadata keys", new GgufBytes(0, 10_000_000).Raw(new byte[200]).ToArray() },
        { "claims 9223372036854775808 metadata keys", new GgufBytes(0, Negative).ToArray() },
        { "claims 9223372036854775807 tensors", new GgufBytes(Huge, 0).ToArray() },
        { "claims 1000 tensors", new GgufBytes(1000, 0).Raw(new byte[100]).ToArray() },
        { "metadata key 0 wants 9223372036854775807 bytes", new GgufBytes(0, 1).UInt64(Huge).Raw(new byte[64]).ToArray() },
        { "name of 0 bytes", new GgufBytes(0, 1).Key("", 4).UInt32(1).Raw(new byte[64]).ToArray() },
        { "no UTF-8: 61FF", new GgufBytes(0, 1).Text([0x61, 0xFF]).UInt32(4).UInt32(1).ToArray() },
        { "'a' stands twice", new GgufBytes(0, 2).Key("a", 4).UInt32(1).Key("a", 4).UInt32(2).ToArray() },
        { "'a' has value type 13", new GgufBytes(0, 1).Key("a", 13).UInt32(1).ToArray() },
        { "'a' wants 18446744073709551615 bytes", new GgufBytes(0, 1).Key("a", 8).UInt64(ulong.MaxValue).ToArray() },
        { "'a' claims an array of 9223372036854775808 elements", new GgufBytes(0, 1).Array("a", 4, Negative).Raw(new byte[64]).ToArray() },
        { "'a' claims an array of 2305843009213693952 elements", new GgufBytes(0, 1).Array("a", 10, 1UL << 61).Raw(new byte[64]).ToArray() },
        { "string 1 of 2", new GgufBytes(0, 1).Array("a", 8, 2).Text("x").UInt64(Huge).ToArray() },
        { "more than 4 deep", Nested(5) },
        { "'general.alignment' is 24", new GgufBytes(0, 1).Key("general.alignment", 4).UInt32(24).ToArray() },
        { "'general.alignment' is 0", new GgufBytes(0, 1).Key("general.alignment", 4).UInt32(0).ToArray() },
        { "'general.alignment' is many", new GgufBytes(0, 1).Key("general.alignment", 8).Text("many").ToArray() },
        { "'a' has 5 dimensions", Tensor(0, 0, 1, 1, 1, 1, 1) },
        { "dimension 1 of 0", Tensor(0, 0, 4, 0) },
        { "dimension 0 of 9223372036854775808", Tensor(0, 0, Negative) },
        { "dimension 1 of 4294967296", Tensor(0, 0, 1UL << 32, 1UL << 32) },
        { "dimension 3 of 65536", Tensor(0, 0, 65536, 65536, 65536, 65536) },
        { "rows of 33 values", Tensor(8, 0, 33) },
        { "takes 400 bytes at 0", Tensor(0, 0, 100) },
        { "takes 36893488147419103224 bytes", Tensor(0, 0, Huge - 1) },
        { "takes 8 bytes at 18446744073709551615", Tensor(0, ulong.MaxValue, 2) },
        { "ends at byte 136; the file has 128", Tensor(0, 64, 2) },
        { "expected a multiple of 32", Tensor(0, 4, 2) },
        { "inside tensor 'a', which ends at 36", new GgufBytes(2, 0).Tensor("a", 0, 0, 9).Tensor("b", 0, 32, 2).Align(32).Raw(new byte[64]).ToArray() },
        { "tensor 'a' stands twice", new GgufBytes(2, 0).Tensor("a", 0, 0, 2).Tensor("a", 0, 32, 2).Align(32).Raw(new byte[64]).ToArray() },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_with_its_fault(string fault, byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        string message = Assert.Throws<InvalidDataException>(() => GgufTests.Read(file)).Message;
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains(fault, message);
        Assert.Contains("test.gguf", message);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = GgufBytes.Small();
        int last = whole.Length - 24;   // the last tensor's padding may be missing
        for (int length = 0; length < last; length++)
            Assert.Throws<InvalidDataException>(() => GgufTests.Read(whole[..length]));
        Assert.Equal(2, GgufTests.Read(whole[..last]).Tensors.Count);
    }

    [Theory, InlineData(1u, "version 1; known: 2, 3"), InlineData(4u, "version 4; known: 2, 3"), InlineData(0x0300_0000u, "big-endian"), InlineData(0x0200_0000u, "big-endian")]
    public void Other_versions_and_byte_orders_are_refused(uint version, string message) =>
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => GgufTests.Read(new GgufBytes(0, 0, version).ToArray())).Message);

    [Fact]
    public void Ten_million_keys_are_refused_before_they_are_read()
    {
        using var folder = new TemporaryFolder();
        folder.Write("keys.gguf", new GgufBytes(0, 10_000_000).ToArray());
        using (FileStream sparse = File.OpenWrite(folder["keys.gguf"]))
            sparse.SetLength(400L << 20);

        var watch = Stopwatch.StartNew();
        Assert.Contains("65536 keys are the most", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder["keys.gguf"])).Message);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
    }

    [Fact]
    public void A_header_without_end_is_refused_in_time()
    {
        using var folder = new TemporaryFolder();
        folder.Write("long.gguf", new GgufBytes(0, 1).Array("a", 8, 1UL << 30).ToArray());
        using (FileStream sparse = File.OpenWrite(folder["long.gguf"]))
            sparse.SetLength(20L << 30);

        var watch = Stopwatch.StartNew();
        Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder["long.gguf"]));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
    }

    [Trait("Speed", "Slow")]
    [Fact]
    public void The_longest_header_is_walked_in_time_and_copied_nowhere()
    {
        using var folder = new TemporaryFolder();
        byte[] header = new GgufBytes(0, 1).Array("a", 8, (Gguf.HeaderLimit / 8) - 100).ToArray();
        folder.Write("long.gguf", header);
        using (FileStream sparse = File.OpenWrite(folder["long.gguf"]))
            sparse.SetLength(2L << 30);

        var watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var file = ModelFile.Open(folder["long.gguf"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 10_000);   // 0.6 s of work, most of it the system's; the machine may be shared
    }

    [Fact]
    public void A_file_that_shrinks_while_open_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var file = ModelFile.Open(folder.Write("small.gguf", GgufBytes.Small()));
        using (var shrinking = new FileStream(folder["small.gguf"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            shrinking.SetLength(100);

        Assert.Contains("has shrunk", Assert.Throws<InvalidDataException>(() => file.Vector("blk.0.weight")).Message);
        Assert.Contains("has shrunk", Assert.Throws<InvalidDataException>(() => file.Metadata.FindArray("tokens")!.Texts()).Message);
    }

    private static byte[] Tensor(uint type, ulong offset, params ReadOnlySpan<ulong> shape) =>
        new GgufBytes(1, 0).Tensor("a", type, offset, shape).Align(64).Raw(new byte[shape.Length < 2 ? 64 : 0]).ToArray();

    private static byte[] Nested(int depth)
    {
        GgufBytes bytes = new GgufBytes(0, 1).Array("a", 9, 1);
        for (int i = 1; i < depth; i++)
            bytes.UInt32(9).UInt64(1);
        return bytes.Raw(new byte[64]).ToArray();
    }
}
