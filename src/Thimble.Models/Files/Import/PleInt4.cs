using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Small decoders with per-layer embeddings in four bits (<c>ple-*.bin</c>), architecture <c>ple</c>.</summary>
/// <remarks>
/// <para>With <c>d</c> the width, <c>p</c> the per-layer width, <c>L</c> layers, <c>ff</c> the feed-forward width padded to
/// whole blocks, and shapes row length first:</para>
/// <list type="table">
/// <item><c>token_embd.weight</c> [d, vocabulary]: the embedding, unscaled, and the head.</item>
/// <item><c>per_layer_model_proj.weight</c> [d, L·p]: multiplies the embedded token; divide by √d.</item>
/// <item><c>per_layer_proj_norm.weight</c> [p]: gain of the norm over each layer's p of it.</item>
/// <item><c>per_layer_token_embd.weight</c> [L·p, vocabulary]: a row for each token; times √p, added, the sum over √2.</item>
/// <item><c>blk.N.attn_norm.weight</c> [d], <c>blk.N.attn_qkv.weight</c> [d, 3·d] (query rows, key rows, value rows),
/// <c>blk.N.attn_output.weight</c> [d, d]: attention; rotation pairs i with i + head/2.</item>
/// <item><c>blk.N.ffn_norm.weight</c> [d], <c>blk.N.ffn_gate.weight</c>, <c>blk.N.ffn_up.weight</c> [d, ff],
/// <c>blk.N.ffn_down.weight</c> [ff, d]: silu(gate) · up.</item>
/// <item><c>blk.N.inp_gate.weight</c> [d, p], <c>blk.N.proj.weight</c> [p, d], <c>blk.N.post_norm.weight</c> [d]: exact
/// GELU of the gate, times this layer's embedding, projected, normed, added.</item>
/// <item><c>output_norm.weight</c> [d].</item>
/// </list>
/// <para>Padding: silu(0) · 0 is 0, so zero rows in gate and up that meet zero columns in down change nothing. The width and
/// the per-layer width cannot grow so: a norm divides by them. A matrix whose columns are such a width and no whole number
/// of blocks becomes F32; see <see cref="Int4Matrix"/>.</para>
/// <para>Source: slvDev, esp32-ai, <c>export.py</c>; per-layer embeddings are Gemma 3n's, and so are the names.</para>
/// </remarks>
internal static class PleInt4
{
    private const int Magic = 0x504C4531;   // "1ELP" in the file

    [ModuleInitializer]
    internal static void Register() => ModelFiles.Add("int4 decoder with per-layer embeddings", Recognises, Open);

    /// <summary>Whether a file is one.</summary>
    internal static bool Recognises(FileStart start) =>
        start.Bytes.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(start.Bytes) == Magic;

    /// <summary>Opens one, with the tokenizer beside it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or no tokenizer lies beside it.</exception>
    internal static ModelFile Open(string path) => FileCursor.Open(path, (cursor, file) =>
    {
        cursor.Int("magic", Magic, Magic);
        int vocabulary = cursor.Dimension("vocabulary"), width = cursor.Dimension("width");
        int layers = cursor.Int("layers", 1, FileCursor.MostLayers);
        int heads = cursor.Int("heads", 1, width), feedForward = cursor.Dimension("feed-forward width");
        int perLayer = cursor.Dimension("per-layer width"), context = cursor.Dimension("context");
        cursor.Int("group", 1, FileCursor.LargestDimension);
        float theta = cursor.Float("rope theta");
        if (width % (2 * heads) != 0)
            throw new InvalidDataException($"'{path}': width is {width} and heads are {heads}; expected heads of an even width.");
        if ((long)layers * perLayer > FileCursor.LargestDimension)
            throw new InvalidDataException($"'{path}': layers times per-layer width is {(long)layers * perLayer}; expected at most {FileCursor.LargestDimension}.");

        var tensors = new List<StoredTensor>();
        int padded = Int4Matrix.Padded(feedForward), tableWidth = layers * perLayer;
        Matrix("token_embd", vocabulary, width);
        Matrix("per_layer_model_proj", tableWidth, width);
        Vector("per_layer_proj_norm", perLayer);
        Matrix("per_layer_token_embd", vocabulary, tableWidth);
        for (int i = 0; i < layers; i++)
        {
            Vector($"blk.{i}.attn_norm", width);
            Matrix($"blk.{i}.attn_qkv", 3 * width, width);
            Matrix($"blk.{i}.attn_output", width, width);
            Vector($"blk.{i}.ffn_norm", width);
            Padded($"blk.{i}.ffn_gate", feedForward, width, padded, width);
            Padded($"blk.{i}.ffn_up", feedForward, width, padded, width);
            Padded($"blk.{i}.ffn_down", width, feedForward, width, padded);
            Matrix($"blk.{i}.inp_gate", perLayer, width);
            Matrix($"blk.{i}.proj", width, perLayer);
            Vector($"blk.{i}.post_norm", width);
        }

        Vector("output_norm", width);
        cursor.End();

        Metadata metadata = new ArchitectureKeys("ple", path, fileType: 2)
            .Add("vocab_size", vocabulary)
            .Add("context_length", context)
            .Add("embedding_length", width)
            .Add("block_count", layers)
            .Add("feed_forward_length", padded)
            .Add("embedding_length_per_layer_input", perLayer)
            .Add("attention.head_count", heads)
            .Add("attention.head_count_kv", heads)
            .Add("attention.layer_norm_rms_epsilon", 1e-6)
            .Add("rope.dimension_count", width / heads)
            .Add("rope.freq_base", theta)
            .Metadata;
        BesideTokenizer.AddTo(metadata, path, vocabulary);
        return new(path, metadata, tensors, file);

        void Vector(string name, int length) => tensors.Add(cursor.Floats(name + ".weight", length));

        void Matrix(string name, int rows, int columns) => Padded(name, rows, columns, rows, columns);

        void Padded(string name, int rows, int columns, int paddedRows, int paddedColumns) => tensors.Add(
            new Int4Matrix(cursor, name + ".weight", rows, columns).Tensor(name + ".weight", 1, rows, paddedRows, paddedColumns));
    });
}
