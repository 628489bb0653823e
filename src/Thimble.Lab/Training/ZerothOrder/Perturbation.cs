using System.Numerics.Tensors;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>A random direction for a parameter, and how far along it: <c>scale · mask ⊙ u</c>, made anew wherever it is asked for.</summary>
/// <param name="Noise">u.</param>
/// <param name="Scale">How far.</param>
/// <param name="Mask">Which numbers move; null for all.</param>
/// <param name="Team">Shares the making of long stretches; null for nobody.</param>
internal sealed record Perturbation(CounterNoise Noise, float Scale, SparseMask? Mask = null, Team? Team = null)
{
    /// <summary>Another that is added too; null for none.</summary>
    public Perturbation? Next { get; init; }

    private const int Stretch = 1024, Shared = 1 << 15;

    /// <summary>Adds it to numbers.</summary>
    /// <param name="first">The first one's place in its parameter.</param>
    /// <param name="values">The numbers.</param>
    public void AddTo(long first, Span<float> values)
    {
        if (Team is { Size: > 1 } && values.Length >= Shared)
            Team.Run(new Adding(this, first, values));
        else
            AddAlone(first, values);
        Next?.AddTo(first, values);
    }

    /// <summary>Writes u, zero where the mask says so, without the scale.</summary>
    public void Fill(long first, Span<float> values)
    {
        Noise.Fill(first, values);
        Mask?.Apply(first, values);
    }

    private void AddAlone(long first, Span<float> values)
    {
        Span<float> room = stackalloc float[Stretch];
        for (int at = 0; at < values.Length; at += Stretch)
        {
            Span<float> part = values.Slice(at, Math.Min(Stretch, values.Length - at)), u = room[..part.Length];
            Fill(first + at, u);
            TensorPrimitives.Multiply(u, Scale, u);
            TensorPrimitives.Add(part, u, part);
        }
    }

    private readonly ref struct Adding(Perturbation by, long first, Span<float> values) : ITeamWork
    {
        private readonly Span<float> _values = values;

        public void Run(int member, int members)
        {
            (int from, int end) = Shares.Of(_values.Length, 64, member, members);
            if (end > from)
                by.AddAlone(first + from, _values[from..end]);
        }
    }
}

/// <summary>Which numbers of a parameter a sparse perturbation leaves alone.</summary>
/// <param name="Noise">Decides, by place.</param>
/// <param name="Share">The share left alone, in [0, 1].</param>
internal sealed record SparseMask(CounterNoise Noise, double Share)
{
    /// <summary>Makes the numbers that are left alone zero.</summary>
    public void Apply(long first, Span<float> values)
    {
        ulong least = (ulong)(Share * (1UL << 32));
        for (int i = 0; i < values.Length; i++)
        {
            if (Noise.Bits(first + i) < least)
                values[i] = 0;
        }
    }
}
