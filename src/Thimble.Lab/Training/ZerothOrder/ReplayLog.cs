using System.Buffers.Binary;
using System.Text;
using Thimble.Models.Adapters;

namespace Thimble.Lab.Training;

/// <summary>A training by losses alone, written down as a seed and a slope for each direction: eight bytes.</summary>
/// <remarks>Laid on the same base the log gives the same model, bit for bit, without the texts. The file begins with the recipe, which
/// says rate, schedule and what is trained, and with the base's hash. Source: Malladi et al., "Fine-Tuning Language Models with Just Forward
/// Passes", 2023, section 2.1, for the idea.</remarks>
internal sealed class ReplayLog : IDisposable
{
    private const string Magic = "thimble replay 1\n";
    private const int EntryBytes = 8;

    private readonly FileStream _file;

    private ReplayLog(FileStream file) => _file = file;

    /// <summary>Begins a log, or goes on with one.</summary>
    /// <param name="path">Where.</param>
    /// <param name="recipe">The recipe, as YAML.</param>
    /// <param name="model">The base.</param>
    /// <param name="entries">Entries that count: those behind them are of steps that were lost.</param>
    /// <exception cref="InvalidDataException">It is of another recipe or base, or holds fewer entries.</exception>
    public static ReplayLog Open(string path, string recipe, ModelHash model, long entries)
    {
        byte[] heading = Heading(recipe, model);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var file = new FileStream(path, entries > 0 ? FileMode.Open : FileMode.Create, FileAccess.ReadWrite);
        if (entries > 0)
        {
            byte[] found = new byte[heading.Length];
            file.ReadAtLeast(found, found.Length, throwOnEndOfStream: false);
            if (!found.AsSpan().SequenceEqual(heading) || file.Length < heading.Length + (entries * EntryBytes))
            {
                file.Dispose();
                throw new InvalidDataException($"Log '{path}' does not go with the checkpoint: it is of another recipe or base, or holds fewer than {entries} entries. Remove the checkpoint to begin anew.");
            }

            file.SetLength(heading.Length + (entries * EntryBytes));
        }
        else
        {
            file.Write(heading);
        }

        file.Position = file.Length;
        return new ReplayLog(file);
    }

    /// <summary>Writes an entry down.</summary>
    public void Append(uint seed, float slope)
    {
        Span<byte> entry = stackalloc byte[EntryBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, seed);
        BinaryPrimitives.WriteSingleLittleEndian(entry[4..], slope);
        _file.Write(entry);
    }

    /// <summary>Gets what was written to the disk.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <summary>Reads a log.</summary>
    /// <returns>Its recipe, its base and its entries.</returns>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is none, or cut.</exception>
    public static (string Recipe, ModelHash Base, (uint Seed, float Slope)[] Entries) Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"Log '{path}' is not there.", path);
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path), rest = bytes;
        if (!bytes.StartsWith(Encoding.UTF8.GetBytes(Magic)))
            throw new InvalidDataException($"'{path}' is no log of a training: it does not begin with '{Magic.TrimEnd()}'.");
        rest = rest[Magic.Length..];
        string[] texts = new string[4];
        for (int i = 0; i < texts.Length; i++)
        {
            int length = rest.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length < 0 || length > rest.Length - 4)
                throw new InvalidDataException($"Log '{path}' is cut in its heading.");
            texts[i] = Encoding.UTF8.GetString(rest.Slice(4, length));
            rest = rest[(4 + length)..];
        }

        if (rest.Length % EntryBytes != 0)
            throw new InvalidDataException($"Log '{path}' is cut in the middle of entry {(rest.Length / EntryBytes) + 1}.");
        var entries = new (uint, float)[rest.Length / EntryBytes];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = (BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * EntryBytes)..]), BinaryPrimitives.ReadSingleLittleEndian(rest[((i * EntryBytes) + 4)..]));
        return (texts[0], new ModelHash(texts[1], texts[2], texts[3]), entries);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static byte[] Heading(string recipe, ModelHash model)
    {
        using var heading = new MemoryStream();
        heading.Write(Encoding.UTF8.GetBytes(Magic));
        Span<byte> length = stackalloc byte[4];
        foreach (string text in (string[])[recipe, model.Layout, model.Content, model.Small])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            heading.Write(length);
            heading.Write(bytes);
        }

        return heading.ToArray();
    }
}
