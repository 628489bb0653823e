using System.Buffers.Binary;
using System.Text.Json;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Reads the header of one safetensors file: a length, that many bytes of JSON, then the tensors without gaps.</summary>
/// <param name="path">The file, for messages.</param>
/// <remarks>Source: Hugging Face, safetensors, "Format".</remarks>
internal sealed class SafetensorsHeader(string path)
{
    /// <summary>The most bytes of JSON, as the format's owner reads it.</summary>
    public const int Limit = 100_000_000;

    private const int TensorLimit = 1 << 18, DimensionLimit = 16, Depth = 4;

    private readonly OrderedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private sealed record Entry(Dtype Dtype, long[] Shape, long Begin, long End);

    /// <summary>Texts of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads a file's header.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <returns>Its tensors, in the order of the header.</returns>
    public IReadOnlyList<SafeTensor> Read(Region file)
    {
        if (file.Length < 8)
            throw Invalid($"has {file.Length} bytes; a header takes at least 8");

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, 8));
        if (length > Limit || length > (ulong)(file.Length - 8))
            throw Invalid($"claims a header of {length} bytes; {file.Length - 8} follow, and {Limit} are the most that is read");

        try
        {
            var json = new Utf8JsonReader(file.Slice(8, (int)length), new JsonReaderOptions { MaxDepth = Depth });
            ReadEntries(ref json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The JSON reader has exceptions of its own; the caller is promised ours, which name the file.
            throw new InvalidDataException($"'{path}': the header is no valid JSON: {e.Message}", e);
        }

        Region data = file.Part(8 + (long)length, file.Length - 8 - (long)length);
        CheckPlaces(data.Length);
        return [.. _entries.Select(entry => new SafeTensor(entry.Key, entry.Value.Dtype, entry.Value.Shape, data.Part(entry.Value.Begin, entry.Value.End - entry.Value.Begin)))];
    }

    private void ReadEntries(ref Utf8JsonReader json)
    {
        Expect(json.Read() && json.TokenType == JsonTokenType.StartObject, "the header", "an object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            Expect(json.TokenType == JsonTokenType.StartObject, $"'{name}'", "an object");
            if (name == "__metadata__")
                ReadMetadata(ref json);
            else if (_entries.Count == TensorLimit)
                throw Invalid($"lists more than {TensorLimit} tensors");
            else if (!_entries.TryAdd(name, ReadEntry(ref json, $"tensor '{name}'")))
                throw Invalid($"lists tensor '{name}' twice");
        }

        while (json.Read())
            ;   // whatever follows the object is an error, which the reader finds
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            json.Read();
            Expect(json.TokenType == JsonTokenType.String, $"'__metadata__.{key}'", "text");
            if (!_metadata.TryAdd(key, json.GetString()!))
                throw Invalid($"has '__metadata__.{key}' twice");
        }
    }

    private Entry ReadEntry(ref Utf8JsonReader json, string where)
    {
        string? dtype = null;
        long[]? shape = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            json.Read();
            switch (key)
            {
                case "dtype" when dtype is null:
                    Expect(json.TokenType == JsonTokenType.String, $"'dtype' of {where}", "text");
                    dtype = json.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadSizes(ref json, $"'shape' of {where}");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadSizes(ref json, $"'data_offsets' of {where}");
                    break;
                default:
                    throw Invalid($"has '{key}' of {where}; expected 'dtype', 'shape' and 'data_offsets', each once");
            }
        }

        if (dtype is null || shape is null || offsets is not [var begin, var end])
            throw Invalid($"describes {where} without a 'dtype', a 'shape' or two 'data_offsets'");
        return Checked(new(Dtype.Named(dtype, $"'{path}': {where}"), shape, begin, end), where);
    }

    private Entry Checked(Entry entry, string where)
    {
        var length = (UInt128)entry.Dtype.Size;
        foreach (long size in entry.Shape)
        {
            length *= (UInt128)size;
            if (length > long.MaxValue)
                throw Invalid($"has {where} of shape [{string.Join(", ", entry.Shape)}], which takes more than 2^63 bytes");
        }

        return entry.Begin <= entry.End && (UInt128)(entry.End - entry.Begin) == length
            ? entry
            : throw Invalid($"gives {where} the bytes {entry.Begin} to {entry.End}; {entry.Dtype.Name} of shape [{string.Join(", ", entry.Shape)}] takes {length}");
    }

    private long[] ReadSizes(ref Utf8JsonReader json, string where)
    {
        Expect(json.TokenType == JsonTokenType.StartArray, where, "an array");
        var sizes = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            long size = 0;
            Expect(json.TokenType == JsonTokenType.Number && json.TryGetInt64(out size) && size >= 0, where, "whole numbers from 0 to 2^63 - 1");
            Expect(sizes.Count < DimensionLimit, where, $"at most {DimensionLimit} numbers");
            sizes.Add(size);
        }

        return [.. sizes];
    }

    private void CheckPlaces(long dataLength)
    {
        long end = 0;
        foreach ((string name, Entry entry) in _entries.OrderBy(entry => entry.Value.Begin).ThenBy(entry => entry.Value.End))
        {
            if (entry.Begin != end)
                throw Invalid($"puts tensor '{name}' at {entry.Begin}; expected {end}, where the one before ends");
            end = entry.End;
        }

        if (end != dataLength)
            throw Invalid($"lists tensors of {end} bytes in all; {dataLength} follow the header. It may have been cut short: fetch it again");
    }

    private void Expect(bool met, string where, string expected)
    {
        if (!met)
            throw Invalid($"has {where} that is not what was expected: {expected}");
    }

    private InvalidDataException Invalid(string problem) => new($"'{path}' {problem}.");
}
