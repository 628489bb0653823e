using System.Runtime.InteropServices;
using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Some tokens in bytes, close together: panel after panel meets them.</summary>
/// <remarks>Among many tokens a block of these lies a large power of two from the next, and the nearer caches hold few such lines.</remarks>
internal readonly ref struct PanelTile
{
    /// <summary>How many.</summary>
    public int Tokens { get; private init; }

    /// <summary>Their bytes, shape [columns / 32, tokens, 32].</summary>
    public ReadOnlySpan<sbyte> Quants { get; private init; }

    /// <summary>The same in 16 bits, if asked for, of each 32 the even ones first.</summary>
    public ReadOnlySpan<short> Shorts { get; private init; }

    /// <summary>What one unit stands for, shape [columns / 32, tokens].</summary>
    public ReadOnlySpan<float> Scales { get; private init; }

    /// <summary>Sums of sixteen bytes each, shape [columns / 32, tokens, 2].</summary>
    public ReadOnlySpan<short> Sums { get; private init; }

    /// <summary>Gathers tokens in this thread's scratch memory, or takes them as they lie if they are all there are.</summary>
    /// <param name="x">All tokens.</param>
    /// <param name="token">The first to take.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="shorts">Whether they are wanted in 16 bits, not in bytes.</param>
    public static PanelTile Of(in Activations x, int token, int tokens, bool shorts)
    {
        int all = x.Values.Rows, blocks = x.Values.Columns / Activations.Group;
        if (tokens == all && !shorts)
            return new() { Tokens = tokens, Quants = x.Quants, Scales = x.Scales, Sums = x.Sums };

        int part = blocks * tokens;   // in floats: a scale each, two sums, and 32 bytes or 16-bit numbers
        Span<float> room = Scratch.Floats(part * (shorts ? 18 : 10));
        Span<float> scales = room[..part], bytes = room[(2 * part)..];
        Span<short> sums = MemoryMarshal.Cast<float, short>(room.Slice(part, part)), words = MemoryMarshal.Cast<float, short>(bytes);
        Span<sbyte> quants = MemoryMarshal.Cast<float, sbyte>(bytes);
        for (int block = 0; block < blocks; block++)
        {
            int from = (block * all) + token, to = block * tokens;
            x.Scales.Slice(from, tokens).CopyTo(scales[to..]);
            x.Sums.Slice(2 * from, 2 * tokens).CopyTo(sums[(2 * to)..]);
            ReadOnlySpan<sbyte> taken = x.Quants.Slice(from * Activations.Group, tokens * Activations.Group);
            if (shorts)
                Parting.EvenOdd(taken, words[(to * Activations.Group)..]);
            else
                taken.CopyTo(quants[(to * Activations.Group)..]);
        }

        return new() { Tokens = tokens, Quants = shorts ? [] : quants, Shorts = shorts ? words : [], Scales = scales, Sums = sums };
    }
}
