using System.Text;

namespace Thimble.Tests.Models;

/// <summary>Builds GGUF files byte by byte, valid or not, without the writer under test.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> _bytes = [];

    public GgufBytes(ulong tensors, ulong keys, uint version = 3) => Raw("GGUF"u8).UInt32(version).UInt64(tensors).UInt64(keys);

    /// <summary>A file with a value of every kind, a nested array and two tensors.</summary>
    public static byte[] Small(uint version = 3) => SmallHeader(version).Align(32).Floats(1, 2, 3, 4, 5, 6).Align(32).Floats(7, 8).Align(32).ToArray();

    /// <summary>The first of two parts.</summary>
    public static byte[] Split(ushort number = 0, ushort count = 2, int tensors = 2, string name = "a") => new GgufBytes(1, 4)
        .Key("general.architecture", 8).Text("llama").Key("split.no", 2).UInt16(number).Key("split.count", 2).UInt16(count)
        .Key("split.tensors.count", 5).UInt32((uint)tensors).Tensor(name, 0, 0, 2).Align(32).Floats(number, 2).Align(32).ToArray();

    public static GgufBytes SmallHeader(uint version = 3) => new GgufBytes(2, 17, version)
        .Key("general.architecture", 8).Text("llama").Key("u8", 0).Raw([200]).Key("i8", 1).Raw([0x80]).Key("u16", 2).UInt16(65535).Key("i16", 3).UInt16(0x8000)
        .Key("u32", 4).UInt32(4_000_000_000).Key("i32", 5).UInt32(0xFFFF_FFFF).Key("f32", 6).Floats(1.5f).Key("flag", 7).Raw([1])
        .Key("u64", 10).UInt64(ulong.MaxValue).Key("i64", 11).UInt64(0x8000_0000_0000_0000).Key("f64", 12).UInt64(BitConverter.DoubleToUInt64Bits(0.1))
        .Array("tokens", 8, 3).Text("a").Text("").Text("ü").Array("types", 5, 3).UInt32(1).UInt32(0xFFFF_FFFF).UInt32(3).Array("scores", 6, 2).Floats(0.5f, -2)
        .Array("flags", 7, 2).Raw([0, 1]).Array("nested", 9, 2).UInt32(5).UInt64(2).UInt32(1).UInt32(2).UInt32(8).UInt64(1).Text("x")
        .Tensor("blk.0.weight", 0, 0, 3, 2).Tensor("blk.1.weight", 0, 32, 2);

    public GgufBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public GgufBytes UInt16(ushort value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes UInt32(uint value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes UInt64(ulong value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes Floats(params ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            Raw(BitConverter.GetBytes(value));
        return this;
    }

    public GgufBytes Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public GgufBytes Text(ReadOnlySpan<byte> text) => UInt64((ulong)text.Length).Raw(text);

    public GgufBytes Key(string key, uint kind) => Text(key).UInt32(kind);

    public GgufBytes Array(string key, uint kind, ulong count) => Key(key, 9).UInt32(kind).UInt64(count);

    public GgufBytes Tensor(string name, uint type, ulong offset, params ReadOnlySpan<ulong> shape)
    {
        Text(name).UInt32((uint)shape.Length);
        foreach (ulong size in shape)
            UInt64(size);
        return UInt32(type).UInt64(offset);
    }

    public GgufBytes Align(int alignment)
    {
        while (_bytes.Count % alignment != 0)
            _bytes.Add(0);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
