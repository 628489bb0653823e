using System.Buffers.Binary;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Reads a foreign file from front to back, never past its end, and names the field it stumbles over.</summary>
/// <remarks>All numbers are little endian. What a header claims is compared with the bytes there are before anything is
/// made from it, so a lying file costs no memory.</remarks>
internal sealed class FileCursor(MappedFile file)
{
    /// <summary>The most rows or columns a foreign header may claim; products of two and a few layers stay within a long.</summary>
    public const int LargestDimension = 1 << 24;

    /// <summary>The most layers a foreign header may claim.</summary>
    public const int MostLayers = 4096;

    /// <summary>The file's path, for messages.</summary>
    public string Path => file.Path;

    /// <summary>The file's length in bytes.</summary>
    public long Length => file.Length;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Maps a file and lets an importer read it; the model it makes owns the mapping.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Makes a model of it; what it returns must own the mapped file it is given.</param>
    public static ModelFile Open(string path, Func<FileCursor, MappedFile, ModelFile> read)
    {
        var file = MappedFile.Open(path);
        try
        {
            return read(new(file), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A whole number that may be anything.</summary>
    public int Int(string field) => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int), field).Slice(0, sizeof(int)));

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="InvalidDataException">It is outside, or the file ends.</exception>
    public int Int(string field, int least, int most)
    {
        int value = Int(field);
        return value >= least && value <= most
            ? value
            : throw new InvalidDataException($"'{Path}': {field} is {value}; expected {least} to {most}.");
    }

    /// <summary>A rows or columns count.</summary>
    public int Dimension(string field) => Int(field, 1, LargestDimension);

    /// <summary>A finite number.</summary>
    /// <exception cref="InvalidDataException">It is not finite, or the file ends.</exception>
    public float Float(string field)
    {
        float value = BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float), field).Slice(0, sizeof(float)));
        return float.IsFinite(value)
            ? value
            : throw new InvalidDataException($"'{Path}': {field} is {value}; expected a finite number.");
    }

    /// <summary>The next bytes, left where they are.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="what">What they hold, for the message.</param>
    /// <exception cref="InvalidDataException">The file has not that many left.</exception>
    public Region Take(long bytes, string what)
    {
        if (bytes > Length - Position)
        {
            throw new InvalidDataException(
                $"'{Path}' ends within {what}: {bytes} bytes expected at {Position}, {Length - Position} left of {Length}.");
        }

        Region region = file.Region.Part(Position, bytes);
        Position += bytes;
        return region;
    }

    /// <summary>The next tensor of a format.</summary>
    /// <param name="format">How its values are stored.</param>
    /// <param name="name">GGUF's name for it.</param>
    /// <param name="shape">Its shape, row length first.</param>
    /// <exception cref="InvalidDataException">A row is no whole number of blocks, or the file ends.</exception>
    public StoredTensor Tensor(BlockFormat format, string name, params long[] shape)
    {
        if (shape[0] % format.BlockLength != 0)
        {
            throw new InvalidDataException(
                $"'{Path}': tensor '{name}' has rows of {shape[0]} values; {format} takes whole blocks of {format.BlockLength}.");
        }

        // Four dimensions of 2^24 do not fit a long; a product that has left the file's length behind cannot come back.
        long bytes = format.RowBytes(shape[0]);
        foreach (long size in shape.AsSpan(1))
            bytes = bytes > Length ? bytes : bytes * size;

        Region region = Take(bytes, $"tensor '{name}'");
        return new(name, format, shape, () => region);
    }

    /// <summary>The next tensor of 32-bit floats.</summary>
    public StoredTensor Floats(string name, params long[] shape) => Tensor(BlockFormats.Named("F32"), name, shape);

    /// <summary>Throws unless the whole file has been read.</summary>
    /// <exception cref="InvalidDataException">Bytes are left over.</exception>
    public void End()
    {
        if (Position != Length)
            throw new InvalidDataException($"'{Path}' has {Length} bytes; its header describes {Position}.");
    }
}
