using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Checkpoints of llama2.c: the legacy one without a magic, and version 1 ("ak42"), both of 32-bit floats.</summary>
/// <remarks>
/// <para>Adjacent pairs are rotated, as GGUF's llama does, so no row changes place: every tensor is a slice of the file.
/// The legacy file keeps all layers of one kind together and two tables of sines that nobody needs.</para>
/// <para>Source: Karpathy, llama2.c, <c>export.py</c>, <c>legacy_export</c> and <c>version1_export</c>.</para>
/// </remarks>
internal static class Llama2C
{
    private const int Magic = 0x616B3432;   // "24ka" in the file
    private const int HeaderBytes = 256;    // of version 1
    private const int LegacyBytes = 28;
    private const int LargestWidth = 1 << 20;

    [ModuleInitializer]
    internal static void Register() => ModelFiles.Add("llama2.c", Recognises, Open);

    /// <summary>Whether a file is one.</summary>
    /// <remarks>The legacy file has no magic; its seven numbers must describe exactly the length it has.</remarks>
    internal static bool Recognises(FileStart start)
    {
        if (start.Bytes.Length < LegacyBytes)
            return false;
        if (BinaryPrimitives.ReadInt32LittleEndian(start.Bytes) == Magic)
            return true;

        int[] field = new int[7];
        for (int i = 0; i < field.Length; i++)
            field[i] = BinaryPrimitives.ReadInt32LittleEndian(start.Bytes.AsSpan(4 * i));
        int vocabulary = field[5] == int.MinValue ? 0 : int.Abs(field[5]);
        var shape = new Shape(field[0], field[1], field[2], field[3], field[4], vocabulary, field[6], field[5] > 0);
        return shape.IsSound && LegacyBytes + (4 * shape.LegacyFloats) == start.Length;
    }

    /// <summary>Opens one, with the tokenizer beside it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or no tokenizer lies beside it.</exception>
    /// <exception cref="NotSupportedException">It is of a later version.</exception>
    internal static ModelFile Open(string path) => FileCursor.Open(path, (cursor, file) =>
    {
        bool legacy = cursor.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(file.Region.Slice(0, sizeof(int))) != Magic;
        Shape shape = legacy ? ReadLegacy(cursor) : ReadVersion1(cursor);
        List<StoredTensor> tensors = legacy ? LegacyTensors(cursor, shape) : Version1Tensors(cursor, shape);
        cursor.End();

        Metadata metadata = Describe(path, shape);
        Llama2CTokenizer.AddTo(metadata, path, shape.Vocabulary);
        return new(path, metadata, tensors, file);
    });

    private static Shape ReadLegacy(FileCursor cursor)
    {
        Shape shape = ReadShape(cursor, vocabularyMayBeNegative: true, out bool shared) with { SharedHead = shared };
        Check(cursor, shape);
        long expected = LegacyBytes + (4 * shape.LegacyFloats);
        return expected == cursor.Length
            ? shape
            : throw new InvalidDataException($"'{cursor.Path}' has {cursor.Length} bytes; a llama2.c checkpoint of its header has {expected}.");
    }

    private static Shape ReadVersion1(FileCursor cursor)
    {
        cursor.Int("magic");
        int version = cursor.Int("version");
        if (version != 1)
            throw new NotSupportedException($"'{cursor.Path}' is a llama2.c checkpoint of version {version}; known: legacy, 1. Export it as version 1.");

        Shape shape = ReadShape(cursor, vocabularyMayBeNegative: false, out _);
        shape = shape with { SharedHead = cursor.Take(1, "shared_classifier").Slice(0, 1)[0] != 0 };
        cursor.Take(HeaderBytes - cursor.Position, "the header");
        Check(cursor, shape);
        return shape;
    }

    private static Shape ReadShape(FileCursor cursor, bool vocabularyMayBeNegative, out bool shared)
    {
        int width = cursor.Dimension("dim"), feedForward = cursor.Dimension("hidden_dim");
        int layers = cursor.Int("n_layers", 1, FileCursor.MostLayers);
        int heads = cursor.Dimension("n_heads"), keyValueHeads = cursor.Dimension("n_kv_heads");
        int vocabulary = cursor.Int("vocab_size", vocabularyMayBeNegative ? -FileCursor.LargestDimension : 1, FileCursor.LargestDimension);
        int context = cursor.Dimension("seq_len");
        shared = vocabulary > 0;
        return new(width, feedForward, layers, heads, keyValueHeads, int.Abs(vocabulary), context, shared);
    }

    private static void Check(FileCursor cursor, Shape shape)
    {
        if (!shape.IsSound)
        {
            throw new InvalidDataException(
                $"'{cursor.Path}': dim {shape.Width}, n_heads {shape.Heads}, n_kv_heads {shape.KeyValueHeads} and vocab_size {shape.Vocabulary} " +
                "do not fit; expected a vocabulary, heads of an even width and key-value heads that divide the heads.");
        }
    }

    private static List<StoredTensor> LegacyTensors(FileCursor cursor, Shape shape)
    {
        (long d, long ff, long kv, long v) = (shape.Width, shape.FeedForward, shape.KeyValueWidth, shape.Vocabulary);
        List<StoredTensor> tensors = [cursor.Floats("token_embd.weight", d, v)];
        Layers("attn_norm", d);
        Layers("attn_q", d, d);
        Layers("attn_k", d, kv);
        Layers("attn_v", d, kv);
        Layers("attn_output", d, d);
        Layers("ffn_norm", d);
        Layers("ffn_gate", d, ff);
        Layers("ffn_down", ff, d);
        Layers("ffn_up", d, ff);
        tensors.Add(cursor.Floats("output_norm.weight", d));
        cursor.Take(4L * shape.Context * shape.HeadSize, "the rope tables");
        if (!shape.SharedHead)
            tensors.Add(cursor.Floats("output.weight", d, v));
        return tensors;

        void Layers(string kind, params long[] size) => AddLayers(tensors, cursor, shape.Layers, kind, size);
    }

    private static List<StoredTensor> Version1Tensors(FileCursor cursor, Shape shape)
    {
        (long d, long ff, long kv, long v) = (shape.Width, shape.FeedForward, shape.KeyValueWidth, shape.Vocabulary);
        List<StoredTensor> tensors = [];
        Layers("attn_norm", d);
        Layers("ffn_norm", d);
        tensors.Add(cursor.Floats("output_norm.weight", d));
        tensors.Add(cursor.Floats("token_embd.weight", d, v));
        Layers("attn_q", d, d);
        Layers("attn_k", d, kv);
        Layers("attn_v", d, kv);
        Layers("attn_output", d, d);
        Layers("ffn_gate", d, ff);
        Layers("ffn_down", ff, d);
        Layers("ffn_up", d, ff);
        if (!shape.SharedHead)
            tensors.Add(cursor.Floats("output.weight", d, v));
        return tensors;

        void Layers(string kind, params long[] size) => AddLayers(tensors, cursor, shape.Layers, kind, size);
    }

    private static void AddLayers(List<StoredTensor> tensors, FileCursor cursor, int layers, string kind, long[] size)
    {
        for (int i = 0; i < layers; i++)
            tensors.Add(cursor.Floats($"blk.{i}.{kind}.weight", size));
    }

    private static Metadata Describe(string path, Shape shape) => new ArchitectureKeys("llama", path, fileType: 0)
        .Add("vocab_size", shape.Vocabulary)
        .Add("context_length", shape.Context)
        .Add("embedding_length", shape.Width)
        .Add("block_count", shape.Layers)
        .Add("feed_forward_length", shape.FeedForward)
        .Add("rope.dimension_count", shape.HeadSize)
        .Add("rope.freq_base", 10000.0)
        .Add("attention.head_count", shape.Heads)
        .Add("attention.head_count_kv", shape.KeyValueHeads)
        .Add("attention.layer_norm_rms_epsilon", 1e-5)
        .Metadata;

    /// <summary>The seven numbers of the header, and whether the embedding is the head too.</summary>
    private readonly record struct Shape(
        int Width, int FeedForward, int Layers, int Heads, int KeyValueHeads, int Vocabulary, int Context, bool SharedHead)
    {
        public int HeadSize => Width / Heads;

        public int KeyValueWidth => HeadSize * KeyValueHeads;

        public bool IsSound =>
            Width is > 0 and <= LargestWidth && FeedForward is > 0 and <= LargestWidth &&
            Layers is > 0 and <= FileCursor.MostLayers && Vocabulary is > 0 and <= FileCursor.LargestDimension &&
            Context is > 0 and <= FileCursor.LargestDimension && Heads > 0 && KeyValueHeads > 0 &&
            Width % Heads == 0 && HeadSize % 2 == 0 && Heads % KeyValueHeads == 0;

        /// <summary>Floats in a legacy file; dimensions of 2^20 and 4096 layers stay under 2^56.</summary>
        public long LegacyFloats =>
            ((long)Vocabulary * Width * (SharedHead ? 1 : 2)) +
            (Layers * ((2L * Width) + (2L * Width * Width) + (2L * Width * KeyValueWidth) + (3L * Width * FeedForward))) +
            Width + ((long)Context * HeadSize);
    }
}
