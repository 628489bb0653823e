using System.Text;

namespace Thimble.Lab.Quantize;

/// <summary>Reads the layout that llama.cpp wrote before GGUF: a count, then name, calls and values of each tensor, then what it was gathered on.</summary>
/// <remarks>Source: llama.cpp, <c>tools/imatrix/imatrix.cpp</c>. All numbers are little endian and of 32 bits.</remarks>
internal static class OldImportanceFile
{
    private const int NameLimit = 1 << 12, EntryLimit = 1 << 18;

    /// <summary>Reads a file from its start.</summary>
    public static ImportanceMatrix Read(string path, FileStream stream)
    {
        stream.Position = 0;
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            return Read(path, reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"'{path}' is no importance matrix, or ends in the middle of one: {stream.Length} bytes.", e);
        }
    }

    private static ImportanceMatrix Read(string path, BinaryReader reader)
    {
        int entries = Number(path, reader, "number of tensors", EntryLimit);
        List<(string Name, ColumnSums Sums)> found = [];
        for (int i = 0; i < entries; i++)
        {
            string name = Encoding.UTF8.GetString(reader.ReadBytes(Number(path, reader, $"length of name {i}", NameLimit)));
            int calls = reader.ReadInt32();
            int count = Number(path, reader, $"number of values of '{name}'", (int)Math.Min(int.MaxValue / 4, reader.BaseStream.Length / 4));
            float[] values = new float[count];
            for (int j = 0; j < count; j++)
                values[j] = reader.ReadSingle();
            found.Add((name, ImportanceFile.Checked(path, name, new(values, [MathF.Max(calls, 1)]))));
        }

        if (found.Count == 0)
            throw new InvalidDataException($"'{path}' holds no importances.");

        // The oldest files end here.
        bool says = reader.BaseStream.Length - reader.BaseStream.Position >= 8;
        int chunks = says ? reader.ReadInt32() : 0;
        string? dataset = says ? Encoding.UTF8.GetString(reader.ReadBytes(Number(path, reader, "length of the text's name", NameLimit))) : null;
        var matrix = new ImportanceMatrix(path) { Dataset = dataset, Chunks = Math.Max(chunks, 0) };
        foreach ((string name, ColumnSums sums) in found)
            matrix.Add(name, sums);
        return matrix;
    }

    private static int Number(string path, BinaryReader reader, string what, int most) => reader.ReadInt32() is >= 0 and var number && number <= most
        ? number
        : throw new InvalidDataException($"'{path}' is no importance matrix: its {what} is out of range; expected 0 to {most}.");
}
