using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Where the tensors of a GGUF file lie: inside the file, aligned, none over another.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="file">All of its bytes.</param>
/// <param name="count">Tensors.</param>
internal sealed class GgufLayout(string path, Region file, int count)
{
    /// <summary>GGML_MAX_DIMS.</summary>
    public const int DimensionLimit = 4;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = new(Math.Min(count, 4096));

    /// <summary>Reads a tensor's entry, whose name has been read.</summary>
    public void Add(ref GgufCursor cursor, string name)
    {
        cursor.Where = $"tensor '{name}'";
        if (!_names.Add(name))
            throw cursor.Invalid("stands twice");

        uint dimensions = cursor.UInt32();
        if (dimensions > DimensionLimit)
            throw cursor.Invalid($"has {dimensions} dimensions; expected at most {DimensionLimit}");

        long[] shape = new long[dimensions];
        ulong values = 1;   // no 128-bit numbers: methods with those are not compiled ahead, and every start runs this one
        for (int i = 0; i < shape.Length; i++)
        {
            ulong size = cursor.UInt64();
            if (Math.BigMul(values, size, out values) != 0 || size == 0 || values > long.MaxValue)
                throw cursor.Invalid($"has dimension {i} of {size}; expected at least 1, and at most 2^63 - 1 values in all");
            shape[i] = (long)size;
        }

        uint type = cursor.UInt32();
        ulong offset = cursor.UInt64();
        BlockFormat format = type <= int.MaxValue && BlockFormats.TryFind((int)type, out BlockFormat? known) ? known : new UnknownFormat((int)type);
        long columns = shape.Length == 0 ? 1 : shape[0];
        if (columns % format.BlockLength != 0)
            throw cursor.Invalid($"has rows of {columns} values, which is no whole number of {format.Name} blocks of {format.BlockLength}");

        decimal length = (decimal)(values / (ulong)format.BlockLength) * format.BlockBytes;
        if (length > file.Length || offset > (ulong)file.Length)
            throw cursor.Invalid($"takes {length} bytes at {offset}; the file has {file.Length}");
        _entries.Add(new(name, format, shape, (long)offset, (long)length));
    }

    /// <summary>The tensors, once the end of the header is known.</summary>
    /// <param name="headerEnd">Bytes of the header.</param>
    /// <param name="alignment">A power of two.</param>
    public StoredTensor[] Place(long headerEnd, long alignment)
    {
        long start = (headerEnd + alignment - 1) & -alignment;
        CheckPlaces(start, alignment);
        return [.. _entries.Select(entry => new StoredTensor(entry.Name, entry.Format, entry.Shape, Bytes(entry, start)))];
    }

    private Func<Region> Bytes(Entry entry, long start) => entry.Format is UnknownFormat unknown
        ? () => throw unknown.Unknown($"Tensor '{entry.Name}' of '{path}'")
        : () => file.Part(start + entry.Offset, entry.Length);

    private void CheckPlaces(long start, long alignment)
    {
        Entry? before = null;
        foreach (Entry entry in _entries.OrderBy(entry => entry.Offset))
        {
            if (entry.Offset % alignment != 0)
                throw Invalid(entry, $"lies at {entry.Offset}; expected a multiple of {alignment}, the file's alignment");
            if (before is not null && entry.Offset < before.Offset + before.Length)
                throw Invalid(entry, $"lies at {entry.Offset}, inside tensor '{before.Name}', which ends at {before.Offset + before.Length}");
            if (start > file.Length - entry.Offset - entry.Length)
                throw Invalid(entry, $"ends at byte {(decimal)start + entry.Offset + entry.Length}; the file has {file.Length}. It may have been cut short: fetch it again");
            before = entry;
        }
    }

    private InvalidDataException Invalid(Entry entry, string problem) => new($"'{path}': tensor '{entry.Name}' {problem}.");

    private sealed record Entry(string Name, BlockFormat Format, long[] Shape, long Offset, long Length);
}
