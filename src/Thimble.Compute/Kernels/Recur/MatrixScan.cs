using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A head whose memory is a matrix: <c>S = a·S + k·uᵀ</c>, then <c>y = Sᵀ·q + D·v</c>, where <c>u = β·v</c>, or by the delta
/// rule <c>u = β·(v − a·Sᵀ·k)</c>, which replaces what S held under the key rather than adding to it.</summary>
/// <remarks>One body for Mamba 2's scan (q = C, k = B, β = Δ) and the gated delta rule. Columns of S never meet, so they lie in tiles
/// that stay in the nearest cache while all tokens pass over them. Source: Dao and Gu, "Transformers are SSMs", 2024, section 3.1;
/// Yang et al., "Gated Delta Networks", 2025, eq. 10.</remarks>
internal readonly ref struct MatrixScan : IKernel
{
    /// <summary>Neighbouring values whose columns of S lie together; the last tile may have fewer.</summary>
    public const int Tile = 16;

    /// <summary>S, shape [tiles, keys, values of the tile].</summary>
    public required Span<float> State { get; init; }

    /// <summary>q, k and v of every token somewhere in a row.</summary>
    public required Matrix Mixed { get; init; }

    /// <summary>Where in a row of <see cref="Mixed"/> they begin.</summary>
    public required (int Query, int Key, int Value) Columns { get; init; }

    /// <summary>Length of q and k.</summary>
    public required int Keys { get; init; }

    /// <summary>The values to do: the first begins a tile, and the end does or is that of all.</summary>
    public required (int First, int End) Values { get; init; }

    /// <summary>a and β of every token somewhere in a row.</summary>
    public required Matrix Rates { get; init; }

    /// <summary>Where in a row of <see cref="Rates"/> they are.</summary>
    public required (int Decay, int Write) Rate { get; init; }

    /// <summary>Receives y, shape [tokens, ≥ column + values].</summary>
    public required Matrix Output { get; init; }

    /// <summary>Where in a row of <see cref="Output"/> y begins.</summary>
    public required int OutputColumn { get; init; }

    /// <summary>D.</summary>
    public float Skip { get; init; }

    /// <summary>Whether what S held under the key is taken out first: the delta rule.</summary>
    public bool Removes { get; init; }

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        for (int first = Values.First; first < Values.End; first += Tile)
        {
            int width = Math.Min(Tile, Values.End - first), c = 0;
            for (; c <= width - TLane.Count; c += TLane.Count)
                Scan<TLane>(first, width, c);
            for (; c < width; c++)
                Scan<Scalar>(first, width, c);
        }
    }

    /// <summary>A register's width of S's columns, for all tokens.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Scan<TLane>(int first, int width, int c)
        where TLane : unmanaged, ILane<TLane>
    {
        Span<float> state = State.Slice(first * Keys, width * Keys)[c..];
        for (int t = 0; t < Mixed.Rows; t++)
        {
            ReadOnlySpan<float> row = Mixed[t], key = row.Slice(Columns.Key, Keys), query = row.Slice(Columns.Query, Keys);
            TLane v = TLane.Load(in row[Columns.Value + first + c]), decay = TLane.Fill(Rates[t][Rate.Decay]), u = v;
            if (Removes)
                u -= decay * Held<TLane>(state, width, key);
            TLane y = Written(state, width, key, query, decay, u * TLane.Fill(Rates[t][Rate.Write]));
            TLane.Store(TLane.MultiplyAdd(TLane.Fill(Skip), v, y), ref Output[t][OutputColumn + first + c]);
        }
    }

    /// <summary><c>Sᵀ·k</c>, in four sums that do not wait for each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Held<TLane>(Span<float> state, int width, ReadOnlySpan<float> key)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane a = TLane.Fill(0), b = a, c = a, d = a;
        ref float s = ref MemoryMarshal.GetReference(state);
        int i = 0;
        for (; i <= key.Length - 4; i += 4)
        {
            a = TLane.MultiplyAdd(TLane.Fill(key[i]), TLane.Load(in Unsafe.Add(ref s, i * width)), a);
            b = TLane.MultiplyAdd(TLane.Fill(key[i + 1]), TLane.Load(in Unsafe.Add(ref s, (i + 1) * width)), b);
            c = TLane.MultiplyAdd(TLane.Fill(key[i + 2]), TLane.Load(in Unsafe.Add(ref s, (i + 2) * width)), c);
            d = TLane.MultiplyAdd(TLane.Fill(key[i + 3]), TLane.Load(in Unsafe.Add(ref s, (i + 3) * width)), d);
        }

        for (; i < key.Length; i++)
            a = TLane.MultiplyAdd(TLane.Fill(key[i]), TLane.Load(in state[i * width]), a);
        return a + b + (c + d);
    }

    /// <summary>Writes <c>a·S + k·uᵀ</c>, and gives <c>Sᵀ·q</c> of what is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Written<TLane>(
        Span<float> state, int width, ReadOnlySpan<float> key, ReadOnlySpan<float> query, TLane decay, TLane u)
        where TLane : unmanaged, ILane<TLane>
    {
        query = query[..key.Length];
        TLane a = TLane.Fill(0), b = a, c = a, d = a;
        ref float s = ref MemoryMarshal.GetReference(state);
        int i = 0;
        for (; i <= key.Length - 4; i += 4)
        {
            a = TLane.MultiplyAdd(TLane.Fill(query[i]), Step(ref Unsafe.Add(ref s, i * width), key[i], decay, u), a);
            b = TLane.MultiplyAdd(TLane.Fill(query[i + 1]), Step(ref Unsafe.Add(ref s, (i + 1) * width), key[i + 1], decay, u), b);
            c = TLane.MultiplyAdd(TLane.Fill(query[i + 2]), Step(ref Unsafe.Add(ref s, (i + 2) * width), key[i + 2], decay, u), c);
            d = TLane.MultiplyAdd(TLane.Fill(query[i + 3]), Step(ref Unsafe.Add(ref s, (i + 3) * width), key[i + 3], decay, u), d);
        }

        for (; i < key.Length; i++)
            a = TLane.MultiplyAdd(TLane.Fill(query[i]), Step(ref state[i * width], key[i], decay, u), a);
        return a + b + (c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Step<TLane>(ref float state, float key, TLane decay, TLane u)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane s = TLane.MultiplyAdd(TLane.Fill(key), u, TLane.Load(in state) * decay);
        TLane.Store(s, ref state);
        return s;
    }
}
