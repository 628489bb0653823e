using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A state space with steps of its own for every token: each channel c keeps a short vector s, and
/// <c>s = e^(Δ·A)·s + Δ·x·B</c>, then <c>y = C·s + D·x</c>.</summary>
/// <remarks>States lie in tiles of neighbouring channels, so that a register holds one number of each and nothing is summed across.
/// Source: Gu and Dao, "Mamba", 2023, section 3.2 and algorithm 2.</remarks>
internal readonly ref struct SelectiveScan : IKernel
{
    /// <summary>Neighbouring channels whose states lie together; the last tile may have fewer.</summary>
    public const int Tile = 16;

    /// <summary>x, shape [tokens, channels].</summary>
    public required Matrix Input { get; init; }

    /// <summary>Δ, shape [tokens, channels].</summary>
    public required Matrix Steps { get; init; }

    /// <summary>B and C of every token somewhere in a row, shape [tokens, ≥ column + states].</summary>
    public required Matrix Mixes { get; init; }

    /// <summary>Where in a row of <see cref="Mixes"/> B and C begin.</summary>
    public required (int B, int C) Columns { get; init; }

    /// <summary>A, shape [tiles, states, channels of the tile]; see <see cref="Tiled"/>.</summary>
    public required ReadOnlySpan<float> Decay { get; init; }

    /// <summary>D, shape [channels].</summary>
    public required ReadOnlySpan<float> Skip { get; init; }

    /// <summary>s, shaped like <see cref="Decay"/>.</summary>
    public required Span<float> State { get; init; }

    /// <summary>Receives y, shape [tokens, channels].</summary>
    public required Matrix Output { get; init; }

    /// <summary>The channels to do: the first begins a tile, and the end does or is that of all.</summary>
    public required (int First, int End) Channels { get; init; }

    /// <summary>Numbers of every channel, moved to where a scan wants them.</summary>
    /// <param name="values">Shape [channels, states].</param>
    /// <param name="channels">Channels.</param>
    public static float[] Tiled(ReadOnlySpan<float> values, int channels)
    {
        float[] tiled = new float[values.Length];
        int states = values.Length / channels, to = 0;
        for (int first = 0; first < channels; first += Tile)
        {
            for (int n = 0; n < states; n++)
            {
                for (int c = first; c < Math.Min(first + Tile, channels); c++)
                    tiled[to++] = values[(c * states) + n];
            }
        }

        return tiled;
    }

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        for (int first = Channels.First; first < Channels.End; first += Tile)
        {
            int width = Math.Min(Tile, Channels.End - first), c = 0;
            for (; c <= width - TLane.Count; c += TLane.Count)
                Scan<TLane>(first, width, c);
            for (; c < width; c++)
                Scan<Scalar>(first, width, c);
        }
    }

    [MethodImpl(HotLoop.Compiled)]
    private void Scan<TLane>(int first, int width, int c)
        where TLane : unmanaged, ILane<TLane>
    {
        int states = State.Length / Output.Columns;
        Span<float> state = State.Slice(first * states, width * states);
        ReadOnlySpan<float> decay = Decay.Slice(first * states, width * states);
        for (int t = 0; t < Output.Rows; t++)
        {
            ReadOnlySpan<float> b = Mixes[t].Slice(Columns.B, states), mix = Mixes[t].Slice(Columns.C, states);
            TLane x = TLane.Load(in Input[t][first + c]), step = TLane.Load(in Steps[t][first + c]), y = x * TLane.Load(in Skip[first + c]);
            TLane stepped = step * x;
            for (int n = 0, at = c; n < states; n++, at += width)
            {
                TLane kept = TLane.Load(in state[at]) * Exp.Apply(step * TLane.Load(in decay[at]));
                TLane s = TLane.MultiplyAdd(TLane.Fill(b[n]), stepped, kept);
                TLane.Store(s, ref state[at]);
                y = TLane.MultiplyAdd(TLane.Fill(mix[n]), s, y);
            }

            TLane.Store(y, ref Output[t][first + c]);
        }
    }
}
