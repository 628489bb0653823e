using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>Writes a safetensors file; the same tensors always give the same bytes.</summary>
internal static class SafetensorsWriter
{
    /// <summary>A tensor to be written.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Dtype">The name of its number type, such as <c>F32</c>.</param>
    /// <param name="Shape">Its shape, slowest dimension first.</param>
    /// <param name="Bytes">Its values, little endian.</param>
    internal sealed record Entry(string Name, string Dtype, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes);

    /// <summary>Writes a file; it appears under its name only when it is complete.</summary>
    /// <param name="path">Where to write; a file there is replaced.</param>
    /// <param name="tensors">The tensors, in file order.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">A tensor's bytes are not what its shape takes, or a name stands twice.</exception>
    /// <exception cref="CapacityException">The disk is full.</exception>
    public static void Write(string path, IReadOnlyList<Entry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Entry tensor in tensors)
            Check(tensor, names);

        byte[] header = Header(tensors, metadata);
        using var file = new DraftFile(path, header.Length + tensors.Sum(tensor => (long)tensor.Bytes.Length));
        file.Write(0, header);
        long at = header.Length;
        foreach (Entry tensor in tensors)
        {
            file.Write(at, tensor.Bytes.Span);
            at += tensor.Bytes.Length;
        }

        file.Commit();
    }

    private static void Check(Entry tensor, HashSet<string> names)
    {
        if (tensor.Name == "__metadata__" || !names.Add(tensor.Name))
            throw new ArgumentException($"The name '{tensor.Name}' is taken.", nameof(tensor));

        long expected = tensor.Shape.Aggregate((long)Dtype.Named(tensor.Dtype, $"Tensor '{tensor.Name}'").Size, (product, size) => checked(product * size));
        if (tensor.Bytes.Length != expected)
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' has {tensor.Bytes.Length} bytes; {tensor.Dtype} of shape [{string.Join(", ", tensor.Shape)}] takes {expected}.", nameof(tensor));
        }
    }

    private static byte[] Header(IReadOnlyList<Entry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long at = 0;
            foreach (Entry tensor in tensors)
                WriteEntry(json, tensor, ref at);
            json.WriteEndObject();
        }

        // Spaces up to a multiple of eight, so that the tensors behind are aligned.
        byte[] header = new byte[(text.WrittenCount + 7) & -8];
        header.AsSpan().Fill((byte)' ');
        text.WrittenSpan.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter json, Entry tensor, ref long at)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Dtype);
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(at);
        json.WriteNumberValue(at += tensor.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
