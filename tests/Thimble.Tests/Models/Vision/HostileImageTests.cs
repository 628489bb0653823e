using System.Buffers.Binary;
using System.IO.Compression;
using Thimble.Models.Vision;

namespace Thimble.Tests.Models.Vision;

public class HostileImageTests
{
    [Fact]
    public void Absurd_sizes_are_refused_before_memory_is_taken()
    {
        Assert.Throws<CapacityException>(() => Image.Decode(Png(1 << 30, 1 << 30, [])));
        Assert.Throws<InvalidDataException>(() => Image.Decode(Png(8000, 8000, [1, 2, 3])));
        Assert.Throws<InvalidDataException>(() => Image.Decode(Png(0, 5, [])));
        Assert.Throws<CapacityException>(() => Image.Decode(Sized("sampling1x1.jpg", 65000, 65000)));
        Assert.Throws<InvalidDataException>(() => Image.Decode(Sized("sampling1x1.jpg", 8000, 8000)));
        Assert.Throws<InvalidDataException>(() => Image.Decode(Sized("sampling1x1-progressive.jpg", 8000, 8000)));
    }

    [Fact]
    public void What_unpacks_to_more_than_the_image_needs_is_not_unpacked()
    {
        byte[] bomb = Packed(new byte[20_000_000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var image = Image.Decode(Png(4, 4, bomb));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000);
        Assert.All(image.Pixels, value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_damaged_chunk_is_noticed()
    {
        byte[] file = ImageTests.Bytes("rgb8.png");
        file[^30] ^= 1;
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => Image.Decode(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_codes_are_refused()
    {
        byte[] counts = new byte[16];
        counts[0] = 3;
        Assert.Throws<InvalidDataException>(() => new HuffmanCode(counts, [1, 2, 3]));
        (counts[0], counts[15]) = (1, 1);
        var code = new HuffmanCode(counts, [1, 2]);
        Assert.Throws<InvalidDataException>(() =>
        {
            var bits = new JpegBits([0xFE, 0xFE, 0xFE]);
            code.Read(ref bits);
        });
    }

    [Fact]
    public void Scans_without_end_are_refused()
    {
        byte[] file = ImageTests.Bytes("sampling1x1-progressive.jpg");
        int scan = file.AsSpan().LastIndexOf<byte>([0xFF, 0xDA]);
        byte[] again = file[scan..^2];
        byte[] many = [.. file[..^2], .. Enumerable.Repeat(again, 400).SelectMany(bytes => bytes), 0xFF, 0xD9];
        Assert.Throws<InvalidDataException>(() => Image.Decode(many));
    }

    [Theory]
    [InlineData("rgb8.png", 1)]
    [InlineData("palette4.png", 2)]
    [InlineData("grey16-interlaced.png", 3)]
    [InlineData("sampling2x2.jpg", 4)]
    [InlineData("sampling2x1-progressive.jpg", 5)]
    [InlineData("restart.jpg", 6)]
    [InlineData("inks.jpg", 7)]
    [InlineData("held6.jpg", 8)]
    [InlineData("bits8.bmp", 9)]
    [InlineData("runs4.bmp", 10)]
    [InlineData("bits32-alpha.bmp", 11)]
    public void Changed_bytes_give_an_image_or_a_clear_refusal(string name, int seed)
    {
        byte[] file = ImageTests.Bytes(name);
        var random = new Random(seed);
        for (int turn = 0; turn < 100; turn++)
        {
            byte[] changed = [.. file];
            for (int i = random.Next(1, 6); i > 0; i--)
                changed[random.Next(2, random.Next(2) == 0 ? Math.Min(200, file.Length) : file.Length)] = (byte)random.Next(256);
            if (name.EndsWith(".png", StringComparison.Ordinal))
                Seal(changed);
            Try(changed);
        }
    }

    private static void Try(byte[] file)
    {
        try
        {
            var image = Image.Decode(file);
            Assert.Equal(3L * image.Width * image.Height, image.Pixels.Length);
        }
        catch (Exception fault) when (fault is InvalidDataException or NotSupportedException or CapacityException)
        {
            Assert.NotEmpty(fault.Message);
        }
    }

    /// <summary>Makes the checksums right again, so that what was changed is read.</summary>
    private static void Seal(byte[] file)
    {
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), Checksum.Of(file.AsSpan(at + 4, (int)length + 4)));
            at += 12 + (int)length;
        }
    }

    private static byte[] Sized(string name, ushort width, ushort height)
    {
        byte[] file = ImageTests.Bytes(name);
        int frame = Math.Max(file.AsSpan().IndexOf<byte>([0xFF, 0xC0, 0, 17]), file.AsSpan().IndexOf<byte>([0xFF, 0xC2, 0, 17]));
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), width);
        return file;
    }

    private static byte[] Png(int width, int height, byte[] packed)
    {
        byte[] head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        (head[8], head[9]) = (8, 2);
        byte[] file = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", head), .. Chunk("IDAT", packed), .. Chunk("IEND", [])];
        Seal(file);
        return file;
    }

    private static byte[] Chunk(string name, byte[] body)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        return [.. length, .. System.Text.Encoding.ASCII.GetBytes(name), .. body, 0, 0, 0, 0];
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var packing = new ZLibStream(stream, CompressionLevel.SmallestSize))
            packing.Write(bytes);
        return stream.ToArray();
    }
}
