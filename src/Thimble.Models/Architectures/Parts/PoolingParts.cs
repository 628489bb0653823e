using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>How a file's texts become vectors or scores: its key <c>pooling_type</c>, and the tensors that lie behind the pooling.</summary>
/// <param name="From">The file.</param>
internal sealed record PoolingParts(Blueprint From)
{
    private const int Unsaid = 0, Rank = 4;

    /// <summary>Which token vectors a model that ranks goes by.</summary>
    public PoolingKind Ranked { get; init; } = PoolingKind.First;

    /// <summary>The function within the head of classes.</summary>
    public Nonlinearity Function { get; init; } = Nonlinearity.Tanh;

    /// <summary>Whether scores of classes become shares.</summary>
    public bool Softmax { get; init; }

    /// <summary>The pooling.</summary>
    /// <exception cref="InvalidDataException">The file names an unknown kind, or ranks without a head for it.</exception>
    public Pooling Read()
    {
        long given = From.File.Metadata.FindInteger($"{From.File.Architecture}.pooling_type") ?? Unsaid;
        if (given is < -1 or (> Rank and not uint.MaxValue))
            throw From.Wrong("pooling_type", given, "0 (none), 1 (mean), 2 (first), 3 (last) or 4 (rank)");
        if (given == Rank)
            return new(Ranked) { Ranks = true, Classes = Classes() ?? throw From.Absent("cls.output.weight") };
        // A text needs one vector: what a file that wants none pooled gives is their mean.
        return new(given is -1 or Unsaid or uint.MaxValue ? PoolingKind.Mean : (PoolingKind)given) { Dense = [.. Dense()] };
    }

    private IEnumerable<Linear> Dense()
    {
        int inputs = From.Width;
        foreach (string name in (string[])["dense_2", "dense_3"])
        {
            if (From.FindLinear(name, 0, inputs) is not { } linear)
                continue;
            inputs = linear.Outputs;
            yield return linear;
        }
    }

    private ClassHead? Classes()
    {
        Linear? dense = From.FindLinear("cls", 0, From.Width), output = From.FindLinear("cls.output", 0, dense?.Outputs ?? From.Width);
        return dense is null && output is null ? null : new(dense, Function, From.FindNorm("cls.norm"), output, Softmax);
    }
}
