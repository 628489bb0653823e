using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of some float rows with token vectors: <c>y[t, column + r] = w[r] · x[t]</c>.</summary>
/// <param name="weights">Shape [rows, features], rows in 1 to <see cref="Rows"/>.</param>
/// <param name="x">Shape [tokens, features].</param>
/// <param name="y">Receives the products.</param>
/// <param name="column">Where in a row of <paramref name="y"/> they begin.</param>
/// <param name="partial">Room for partial sums, shape [<see cref="Room"/>].</param>
/// <remarks>
/// <para>A product is a register of partial sums along the columns, their sum, then the ragged end column by column: the same
/// for any number of rows and tokens.</para>
/// <para>Partial sums wait in memory while a block of columns, small enough for the nearest cache, meets all rows and tokens.</para>
/// </remarks>
internal readonly unsafe ref struct DotProducts(ReadOnlySpan<float> weights, Matrix x, Matrix y, int column, Span<float> partial) : IKernel
{
    /// <summary>The most rows at a time.</summary>
    public const int Rows = 32;

    /// <summary>Floats that partial sums take.</summary>
    public const int Room = Rows * Chunk * 16;

    private const int Chunk = 64;    // tokens whose partial sums wait at a time
    private const int Block = 1024;  // columns, a multiple of every register's length

    private readonly ReadOnlySpan<float> _weights = weights;
    private readonly Matrix _x = x, _y = y;
    private readonly int _column = column;
    private readonly Span<float> _partial = partial;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int features = _x.Columns, rows = _weights.Length / features;
        fixed (float* w = _weights, x = _x.Values, partial = _partial)
        {
            for (int token = 0; token < _x.Rows; token += Chunk)
            {
                int tokens = Math.Min(Chunk, _x.Rows - token);
                float* first = x + ((long)token * features);
                Sum<TLane>(w, rows, first, tokens, partial);
                for (int t = 0; t < tokens; t++)
                {
                    Span<float> y = _y[token + t].Slice(_column, rows);
                    for (int row = 0; row < rows; row++)
                        y[row] = End<TLane>(w + ((long)row * features), first + ((long)t * features), features, partial + (((t * Rows) + row) * TLane.Count));
                }
            }
        }
    }

    /// <summary>Partial sums of a chunk of tokens over all whole registers of columns.</summary>
    private void Sum<TLane>(float* w, int rows, float* x, int tokens, float* partial)
        where TLane : unmanaged, ILane<TLane>
    {
        int features = _x.Columns, whole = features - (features % TLane.Count);
        new Span<float>(partial, (tokens + 1) / 2 * 2 * Rows * TLane.Count).Clear();
        for (int column = 0; column < whole; column += Block)
        {
            int count = Math.Min(Block, whole - column);
            for (int row = 0; row < rows; row += 4)
            {
                for (int token = 0; token < tokens; token += 2)
                {
                    float* x0 = x + ((long)token * features) + column, x1 = token + 1 < tokens ? x0 + features : x0;
                    Tile<TLane>(w + ((long)row * features) + column, Math.Min(4, rows - row), x0, x1, count, partial + (((token * Rows) + row) * TLane.Count));
                }
            }
        }
    }

    /// <summary>Four rows by two tokens; what is missing repeats the last, into sums that nobody reads.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Tile<TLane>(float* w, int rows, float* x0, float* x1, int columns, float* partial)
        where TLane : unmanaged, ILane<TLane>
    {
        long features = _x.Columns;
        float* w0 = w, w1 = w + (Math.Min(1, rows - 1) * features), w2 = w + (Math.Min(2, rows - 1) * features), w3 = w + ((rows - 1) * features);
        float* a = partial, b = partial + (Rows * TLane.Count);
        TLane a0 = TLane.Load(in *a), a1 = TLane.Load(in a[TLane.Count]), a2 = TLane.Load(in a[2 * TLane.Count]), a3 = TLane.Load(in a[3 * TLane.Count]);
        TLane b0 = TLane.Load(in *b), b1 = TLane.Load(in b[TLane.Count]), b2 = TLane.Load(in b[2 * TLane.Count]), b3 = TLane.Load(in b[3 * TLane.Count]);
        for (nint i = 0; i < columns; i += TLane.Count)
        {
            TLane u = TLane.Load(in x0[i]), v = TLane.Load(in x1[i]), m = TLane.Load(in w0[i]);
            a0 = TLane.MultiplyAdd(m, u, a0);
            b0 = TLane.MultiplyAdd(m, v, b0);
            m = TLane.Load(in w1[i]);
            a1 = TLane.MultiplyAdd(m, u, a1);
            b1 = TLane.MultiplyAdd(m, v, b1);
            m = TLane.Load(in w2[i]);
            a2 = TLane.MultiplyAdd(m, u, a2);
            b2 = TLane.MultiplyAdd(m, v, b2);
            m = TLane.Load(in w3[i]);
            a3 = TLane.MultiplyAdd(m, u, a3);
            b3 = TLane.MultiplyAdd(m, v, b3);
        }

        Store(a0, a1, a2, a3, a);
        Store(b0, b1, b2, b3, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLane>(TLane sum0, TLane sum1, TLane sum2, TLane sum3, float* partial)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane.Store(sum0, ref *partial);
        TLane.Store(sum1, ref partial[TLane.Count]);
        TLane.Store(sum2, ref partial[2 * TLane.Count]);
        TLane.Store(sum3, ref partial[3 * TLane.Count]);
    }

    private static float End<TLane>(float* w, float* x, int features, float* partial)
        where TLane : unmanaged, ILane<TLane>
    {
        float sum = TLane.Sum(TLane.Load(in *partial));
        for (int i = features - (features % TLane.Count); i < features; i++)
            sum = MathF.FusedMultiplyAdd(w[i], x[i], sum);
        return sum;
    }
}
