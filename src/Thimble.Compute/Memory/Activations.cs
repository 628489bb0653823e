using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Memory;

/// <summary>Token vectors about to meet weights: as floats and, if some weight wants it, rounded once to bytes in groups of 32.</summary>
internal readonly ref struct Activations
{
    /// <summary>Values under one scale.</summary>
    public const int Group = 32;

    private const int Shared = 1 << 14;   // values below which one thread rounds them sooner than others are woken

    /// <summary>The values, shape [tokens, features].</summary>
    public Matrix Values { get; private init; }

    /// <summary>Rounded values in [-127, 127], shape [features / 32, tokens, 32]; empty if no weight wants them.</summary>
    public Span<sbyte> Quants { get; private init; }

    /// <summary>What one unit of a rounded value stands for, shape [features / 32, tokens].</summary>
    public Span<float> Scales { get; private init; }

    /// <summary>Sums of sixteen rounded values each, shape [features / 32, tokens, 2].</summary>
    public Span<short> Sums { get; private init; }

    /// <summary>Makes token vectors ready.</summary>
    /// <param name="values">Shape [tokens, features].</param>
    /// <param name="rounded">Whether some weight wants them in bytes; features must then be a multiple of 32.</param>
    /// <param name="scratch">Lends what the bytes need.</param>
    /// <param name="team">Shares the work.</param>
    public static Activations Of(Matrix values, bool rounded, Arena scratch, Team team)
    {
        if (!rounded)
            return new() { Values = values };

        int length = values.Values.Length;
        var ready = new Activations
        {
            Values = values,
            Quants = scratch.Rent<sbyte>(length),
            Scales = scratch.Rent<float>(length / Group),
            Sums = scratch.Rent<short>(length / 16),
        };
        var work = new Work(ready);
        if (length >= Shared)
            team.Run(work);
        else
            work.Run(0, 1);
        return ready;
    }

    private readonly ref struct Work(Activations ready) : ITeamWork
    {
        private readonly Activations _ready = ready;

        public void Run(int member, int members)
        {
            int tokens = _ready.Values.Rows;
            (int first, int end) = Shares.Of(tokens, 1, member, members);
            for (int token = first; token < end; token++)
                Lanes.Best(new Quantize(_ready.Values[token], token, tokens, _ready.Quants, _ready.Scales, _ready.Sums));
        }
    }
}
