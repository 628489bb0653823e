using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>Makes a mixture of experts of a model: each feed-forward block becomes experts that are copies of it, and a router drawn at random.</summary>
/// <remarks><para>Shares of the chosen sum to 1, so whole copies compute what the block did, whoever is chosen; training then parts them.
/// Where experts are narrower than the block, each takes features drawn for it, scaled up by <c>block / expert</c>: the block's outcome is met on the average.</para>
/// <para>Source: Komatsuzaki et al., "Sparse Upcycling", 2023, section 3; He et al., "Upcycling Large Language Models into Mixture of Experts", 2024, section 3
/// (narrow experts and their scale).</para></remarks>
internal static class Upcycling
{
    private static readonly string[] s_parts = ["ffn_gate", "ffn_up", "ffn_down"];

    /// <summary>The mixture; it keeps what it was made of open.</summary>
    /// <param name="source">A model of the Llama line, or one with per-layer embeddings.</param>
    /// <param name="options">How many experts.</param>
    /// <param name="seed">Names the random numbers.</param>
    /// <exception cref="ArgumentException">Experts would be wider than the block.</exception>
    /// <exception cref="NotSupportedException">The architecture has no experts, or the model has some already.</exception>
    public static ModelFile Of(ModelFile source, ExpertOptions options, int seed)
    {
        if (source.Architecture is not ("llama" or "ple") || source.FindInt("expert_count") is > 0)
            throw new NotSupportedException($"'{source.Path}' is {(source.FindInt("expert_count") is > 0 ? "a mixture of experts already" : $"of architecture {source.Architecture}, whose blocks cannot be made experts; known: llama, ple")}.");
        int wide = source.Int("feed_forward_length"), own = options.Wide ?? wide;
        if (own > wide)
            throw new ArgumentException($"Experts of {own} features cannot be made of a block with {wide}; expected {wide} at most, or let the model grow first.");
        var random = new Random(seed);
        List<StoredTensor> tensors = [];
        foreach (StoredTensor tensor in source.Tensors)
        {
            string[] name = tensor.Name.Split('.');
            if (name is not ["blk", var layer, var part, "weight"] || !s_parts.Contains(part))
            {
                tensors.Add(tensor);
                continue;
            }

            if (part == "ffn_gate")
                tensors.Add(Router($"blk.{layer}.ffn_gate_inp.weight", checked((int)tensor.Columns), options.Count, random));
            tensors.Add(Experts($"blk.{layer}.{part}_exps.weight", tensor, options.Count, wide, own, new Random(HashCode(seed, layer))));
        }

        return new ModelFile(source.Path, Describe(source, options, own), tensors, source);
    }

    private static Metadata Describe(ModelFile source, ExpertOptions options, int wide)
    {
        var metadata = new Metadata();
        foreach (string key in source.Metadata.Keys)
        {
            if (source.Metadata.TryGet(key, out object? value))
                metadata.Add(key, value);
        }

        string prefix = source.Architecture;
        metadata.Set($"{prefix}.expert_count", (long)options.Count);
        metadata.Set($"{prefix}.expert_used_count", (long)options.Used);
        metadata.Set($"{prefix}.expert_feed_forward_length", (long)wide);
        metadata.Set($"{prefix}.expert_weights_norm", true);
        return metadata;
    }

    /// <summary>All experts' part of a block, one above the other.</summary>
    /// <param name="name">The new tensor's.</param>
    /// <param name="block">The block's matrix.</param>
    /// <param name="count">Experts.</param>
    /// <param name="wide">Features inside the block.</param>
    /// <param name="own">Features inside an expert.</param>
    /// <param name="random">Draws the same features for all three matrices of a layer.</param>
    private static StoredTensor Experts(string name, StoredTensor block, int count, int wide, int own, Random random)
    {
        float[] stored = block.Values();
        bool isDown = name.Contains("ffn_down", StringComparison.Ordinal);
        int columns = isDown ? own : (int)block.Columns, rows = isDown ? (int)block.Rows : own;
        float[] values = new float[(long)count * rows * columns];
        float scale = isDown ? (float)wide / own : 1;
        int[] features = [.. Enumerable.Range(0, wide)];
        for (int expert = 0, to = 0; expert < count; expert++)
        {
            if (own < wide)
                random.Shuffle(features);
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    values[to++] = scale * (isDown ? stored[(row * wide) + features[column]] : stored[(features[row] * columns) + column]);
            }
        }

        return Tensor(name, values, columns, rows, count);
    }

    private static StoredTensor Router(string name, int width, int count, Random random)
    {
        float[] values = new float[width * count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) / Math.Sqrt(width));
        return Tensor(name, values, width, count);
    }

    private static StoredTensor Tensor(string name, float[] values, params long[] shape)
    {
        var memory = new Allocation((long)values.Length * sizeof(float));
        values.CopyTo(memory.Floats);
        return new StoredTensor(name, BlockFormats.Named("F32"), shape, () => memory.Region);
    }

    private static int HashCode(int seed, string layer) => unchecked((seed * 1_000_003) + int.Parse(layer, System.Globalization.CultureInfo.InvariantCulture));
}
