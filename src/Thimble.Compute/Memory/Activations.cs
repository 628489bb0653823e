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

        var ready = Room(values, scratch);
        ready.Round(team);
        return ready;
    }

    /// <summary>Token vectors with room for their bytes, which <see cref="Round"/> fills.</summary>
    /// <param name="values">Shape [tokens, features], a multiple of 32 features.</param>
    /// <param name="scratch">Lends what the bytes need.</param>
    public static Activations Room(Matrix values, Arena scratch) => new()
    {
        Values = values,
        Quants = scratch.Rent<sbyte>(values.Values.Length),
        Scales = scratch.Rent<float>(values.Values.Length / Group),
        Sums = scratch.Rent<short>(values.Values.Length / 16),
    };

    /// <summary>Neighbouring token vectors, rounded by themselves: their bytes lie where those of the whole would begin.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many.</param>
    public Activations Part(int first, int count)
    {
        int at = first * Values.Columns, length = count * Values.Columns;
        return Quants.IsEmpty ? new() { Values = Values.Part(first, count) } : new()
        {
            Values = Values.Part(first, count),
            Quants = Quants.Slice(at, length),
            Scales = Scales.Slice(at / Group, length / Group),
            Sums = Sums.Slice(at / 16, length / 16),
        };
    }

    /// <summary>Rounds all values to bytes, where there is room for them.</summary>
    public void Round(Team team)
    {
        if (Quants.IsEmpty)
            return;
        var work = new Work(this);
        if (Values.Values.Length >= Shared)
            team.Run(work);
        else
            work.Run(0, 1);
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
