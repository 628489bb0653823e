using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>Model files of rwkv.cpp: RWKV 4 to 7 as architectures <c>rwkv4</c>, <c>rwkv5</c>, <c>rwkv6</c> and <c>rwkv7</c>.</summary>
/// <remarks>
/// <para>Names are llama.cpp's, and for RWKV 6 and 7 shapes are too, so files of its converter run by the same code. Formats
/// are kept; tensors are slices of the file, at any alignment. Shapes are row length first, <c>d</c> the width, <c>ff</c> the
/// channel mix's width, <c>H</c> heads of <c>N</c>; a matrix [a, b] takes a values and gives b. For each version the tensors
/// and what they do are told beside its table in <see cref="RwkvNames"/>.</para>
/// <para>Checked by running the arithmetic there on the owners' fixtures: the logits differ by 3.1e-6 at most for 5.2 and
/// by 3.7e-7 for 7.</para>
/// <para>Source: rwkv.cpp, <c>rwkv_file_format.inc</c> and <c>convert_pytorch_to_ggml.py</c>; llama.cpp, <c>conversion/rwkv.py</c>.</para>
/// </remarks>
internal static class RwkvCpp
{
    private const int Magic = 0x67676D66;   // "fmgg" in the file
    private const int LongestKey = 256;
    private const int Endless = 1 << 20;    // the state has no last position; llama.cpp writes this

    /// <summary>ggml's format for each of rwkv.cpp's type numbers, and <c>general.file_type</c> for it; gaps were withdrawn.</summary>
    private static readonly (string Format, int FileType)?[] s_types =
        [("F32", 0), ("F16", 1), ("Q4_0", 2), ("Q4_1", 3), null, null, null, ("Q5_0", 8), ("Q5_1", 9), ("Q8_0", 7)];

    [ModuleInitializer]
    internal static void Register() => ModelFiles.Add("rwkv.cpp", Recognises, Open);

    /// <summary>Whether a file is one.</summary>
    internal static bool Recognises(FileStart start) =>
        start.Bytes.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(start.Bytes) == Magic;

    /// <summary>Opens one; a vocabulary other than the 256 bytes needs its file beside it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or no vocabulary lies beside it.</exception>
    /// <exception cref="NotSupportedException">A type number is unknown or withdrawn.</exception>
    internal static ModelFile Open(string path) => FileCursor.Open(path, (cursor, file) =>
    {
        cursor.Int("magic", Magic, Magic);
        cursor.Int("version", 100, 101);
        int vocabulary = cursor.Dimension("vocabulary"), width = cursor.Dimension("width");
        int layers = cursor.Int("layers", 1, FileCursor.MostLayers);
        int fileType = Type(cursor, "the data type").FileType;

        var stored = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        while (cursor.Position < cursor.Length)
        {
            StoredTensor tensor = Next(cursor);
            if (!stored.TryAdd(tensor.Name, tensor))
                throw new InvalidDataException($"'{path}' has two tensors named '{tensor.Name}'.");
        }

        var names = RwkvNames.For(path, stored, layers, width, vocabulary);
        List<StoredTensor> tensors = names.Tensors();
        ArchitectureKeys keys = new ArchitectureKeys(names.Architecture, path, fileType)
            .Add("vocab_size", vocabulary)
            .Add("context_length", Endless)
            .Add("embedding_length", width)
            .Add("block_count", layers)
            .Add("attention.layer_norm_epsilon", 1e-5)
            .Add("attention.head_count", 0);   // llama.cpp wants the key and does not use it
        names.AddKeys(keys);
        RwkvVocabulary.AddTo(keys.Metadata, path, vocabulary);
        return new(path, keys.Metadata, tensors, file);
    });

    /// <summary>A tensor under its own name and with its own shape.</summary>
    private static StoredTensor Next(FileCursor cursor)
    {
        long at = cursor.Position;
        int dimensions = cursor.Int($"the dimensions of the tensor at {at}", 1, 3);
        int keyLength = cursor.Int($"the name's length of the tensor at {at}", 1, LongestKey);
        string format = Type(cursor, $"the type of the tensor at {at}").Format;
        long[] shape = new long[dimensions];
        for (int i = 0; i < dimensions; i++)
            shape[i] = cursor.Dimension($"dimension {i} of the tensor at {at}");

        string name = Encoding.UTF8.GetString(cursor.Take(keyLength, $"the name of the tensor at {at}").Slice(0, keyLength));
        return cursor.Tensor(BlockFormats.Named(format), name, shape);
    }

    private static (string Format, int FileType) Type(FileCursor cursor, string field)
    {
        int type = cursor.Int(field, 0, int.MaxValue);
        if (type < s_types.Length && s_types[type] is { } known)
            return known;

        IEnumerable<string> all = s_types.Index().Where(entry => entry.Item is not null).Select(entry => $"{entry.Index} ({entry.Item!.Value.Format})");
        throw new NotSupportedException($"'{cursor.Path}': {field} is {type}; known: {string.Join(", ", all)}.");
    }
}
