using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Models.Files;

namespace Thimble.Speculative;

/// <summary>Heads beside a model's own that look further ahead: head i scores the token i + 2 places on, <c>W₂ · (h + silu(W₁·h + b))</c>.</summary>
/// <remarks>Source: Cai et al., "Medusa: Simple LLM Inference Acceleration Framework with Multiple Decoding Heads", 2024, section 2.1.1. Files are
/// those of its code: <c>i.k.linear.weight</c> and <c>i.k.linear.bias</c> of head i's block k, then <c>i.n.weight</c>.</remarks>
internal sealed class MedusaHeads : IDisposable
{
    private readonly Safetensors? _file;
    private readonly List<Head> _heads = [];

    /// <summary>Opens heads.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="width">Features of the model.</param>
    /// <param name="vocabulary">Tokens that the model scores.</param>
    /// <param name="team">Packs the weights; null to multiply them as they lie.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, or is for another model.</exception>
    public static MedusaHeads Open(string path, int width, int vocabulary, Team? team = null) => new(Safetensors.Open(path), width, vocabulary, team);

    /// <summary>Reads heads.</summary>
    public MedusaHeads(Safetensors file, int width, int vocabulary, Team? team = null)
    {
        (_file, Width, Vocabulary) = (file, width, vocabulary);
        string lead = file.TryGet("0.0.linear.weight", out _) ? "" : "medusa_head.";
        while (file.TryGet($"{lead}{_heads.Count}.0.linear.weight", out _))
            _heads.Add(Read(lead + _heads.Count, team));
        if (_heads.Count == 0)
            throw new InvalidDataException($"'{file.Path}' has no tensor '0.0.linear.weight'; expected the heads of a Medusa checkpoint.");
    }

    /// <summary>Features of the model.</summary>
    public int Width { get; }

    /// <summary>Tokens that it scores.</summary>
    public int Vocabulary { get; }

    /// <summary>Heads there are.</summary>
    public int Count => _heads.Count;

    /// <summary>Bytes of one head.</summary>
    public long BytesEach => _heads[0].Output.Bytes + _heads[0].Blocks.Sum(block => block.Weight.Bytes);

    /// <summary>Scores what a head sees.</summary>
    /// <param name="head">The head.</param>
    /// <param name="state">What the model's own scores were made of, shape [features].</param>
    /// <param name="scratch">Lends memory; the scores are part of it.</param>
    /// <param name="team">Computes.</param>
    /// <returns>Shape [vocabulary].</returns>
    public Span<float> Score(int head, ReadOnlySpan<float> state, Arena scratch, Team team)
    {
        Matrix x = scratch.Rent(1, Width), y = scratch.Rent(1, Width), scores = scratch.Rent(1, Vocabulary);
        state.CopyTo(x[0]);
        foreach ((Weight weight, float[] bias) in _heads[head].Blocks)
        {
            weight.Multiply(Activations.Of(x, weight.TakesBytes, scratch, team), y, team);
            Lanes.Best(new AddScaled(bias, 1, y[0]));
            Lanes.Best(new Map<Silu>(y[0], y[0]));
            Lanes.Best(new AddScaled(y[0], 1, x[0]));
        }

        _heads[head].Output.Multiply(Activations.Of(x, _heads[head].Output.TakesBytes, scratch, team), scores, team);
        return scores[0];
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        foreach (Head head in _heads)
        {
            head.Output.Dispose();
            foreach ((Weight weight, _) in head.Blocks)
                weight.Dispose();
        }

        _file?.Dispose();
    }

    private Head Read(string name, Team? team)
    {
        List<(Weight Weight, float[] Bias)> blocks = [];
        for (; _file!.TryGet($"{name}.{blocks.Count}.linear.weight", out _);)
        {
            string at = $"{name}.{blocks.Count}.linear";
            blocks.Add((Matrix($"{at}.weight", Width, team), Values($"{at}.bias")));
        }

        return new([.. blocks], Matrix($"{name}.{blocks.Count}.weight", Vocabulary, team));
    }

    private Weight Matrix(string name, int rows, Team? team)
    {
        StoredTensor tensor = Find(name).Stored(name);
        return tensor.Rows == rows && tensor.Columns == Width
            ? new Weight(name, tensor.BlockFormat, rows, Width, tensor.Bytes(), new(Precision.Bytes, team))
            : throw new InvalidDataException($"Tensor '{name}' of '{_file!.Path}' is {tensor.Rows}×{tensor.Columns}; this model takes {rows}×{Width}.");
    }

    private float[] Values(string name)
    {
        float[] values = Find(name).Values();
        return values.Length == Width ? values : throw new InvalidDataException($"Tensor '{name}' of '{_file!.Path}' has {values.Length} values; this model takes {Width}.");
    }

    private SafeTensor Find(string name) => _file!.TryGet(name, out SafeTensor? tensor) ? tensor : throw new InvalidDataException($"'{_file.Path}' has no tensor '{name}'.");

    private sealed record Head((Weight Weight, float[] Bias)[] Blocks, Weight Output);
}
