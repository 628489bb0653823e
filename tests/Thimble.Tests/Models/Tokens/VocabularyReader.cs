using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

/// <summary>Reads the metadata of a GGUF file, for tests of tokenizers alone.</summary>
internal static class VocabularyReader
{
    public static Metadata Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        reader.ReadUInt32();
        reader.ReadUInt32();
        reader.ReadUInt64();
        ulong keys = reader.ReadUInt64();
        var metadata = new Metadata();
        for (ulong i = 0; i < keys; i++)
        {
            string key = Encoding.UTF8.GetString(Text(reader));
            metadata.Add(key, Value(reader, reader.ReadUInt32()));
        }

        return metadata;
    }

    private static byte[] Text(BinaryReader reader) => reader.ReadBytes((int)reader.ReadUInt64());

    private static object Value(BinaryReader reader, uint type) => type switch
    {
        7 => reader.ReadByte() != 0,
        8 => Encoding.UTF8.GetString(Text(reader)),
        9 => List(reader, reader.ReadUInt32(), (int)reader.ReadUInt64()),
        6 or 12 => Number(reader, type),
        _ => (long)Number(reader, type),
    };

    private static MetadataArray List(BinaryReader reader, uint type, int count)
    {
        if (type == 8)
        {
            byte[][] texts = new byte[count][];
            for (int i = 0; i < count; i++)
                texts[i] = Text(reader);
            return new ListedTexts(texts);
        }

        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = Number(reader, type);
        return new ListedNumbers(numbers);
    }

    private static double Number(BinaryReader reader, uint type) => type switch
    {
        0 => reader.ReadByte(),
        1 => reader.ReadSByte(),
        2 => reader.ReadUInt16(),
        3 => reader.ReadInt16(),
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        10 => reader.ReadUInt64(),
        11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw new NotSupportedException($"GGUF value type {type}."),
    };
}
