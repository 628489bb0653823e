using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a weight of floats whose rows have been packed by thirty-two: memory is read in order, and a lane is a row.</summary>
internal sealed class FloatPanelMultiplier<TFloats> : Multiplier
    where TFloats : struct, IPanelFloats
{
    private readonly Allocation _panels;
    private readonly float[] _scales;   // one for each panel
    private readonly int _rows, _columns;

    public FloatPanelMultiplier(Weight weight, Team team)
    {
        (_rows, _columns) = (weight.Rows, weight.Columns);
        _scales = new float[(_rows + FloatPanels.Rows - 1) / FloatPanels.Rows];
        _panels = new Allocation(_scales.Length * PanelBytes);
        team.Run(new Packing(weight, _panels, _scales));
        weight.Blocks.Release();
    }

    public override bool TakesBytes => false;

    public override long Bytes => _panels.Length;

    private long PanelBytes => (long)_columns * TFloats.Bytes;

    public override unsafe void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        (int first, int end) = Shares.Of(_scales.Length, 1, member, members);
        if (first == end)
            return;

        int row = first * FloatPanels.Rows;
        var task = new FloatPanelTask
        {
            Panels = _panels.Start + (first * PanelBytes),
            Scales = _scales.AsSpan(first..end),
            Rows = Math.Min(_rows, end * FloatPanels.Rows) - row,
            X = x.Values,
            Y = y,
            Column = column + row,
        };
        if (x.Values.Rows == 1)
            Lanes.Best(new FloatPanelVector<TFloats>(task));
        else
            Lanes.Best(new FloatPanelMatrix<TFloats>(task));
    }

    public override void Dispose()
    {
        _panels.Dispose();
        base.Dispose();
    }

    private readonly unsafe struct Packing(Weight weight, Allocation panels, float[] scales) : ITeamWork
    {
        public void Run(int member, int members)
        {
            long bytes = (long)weight.Columns * TFloats.Bytes;
            (int first, int end) = Shares.Of(scales.Length, 1, member, members);
            for (int panel = first; panel < end; panel++)
                scales[panel] = TFloats.Pack(weight, panel * FloatPanels.Rows, panels.Start + (panel * bytes));
        }
    }
}

/// <summary>Panels to be multiplied.</summary>
internal readonly unsafe ref struct FloatPanelTask
{
    /// <summary>Columns whose products are added in order before they are added to those before them.</summary>
    /// <remarks>Part of a product's arithmetic: the same for any number of tokens.</remarks>
    public const int Block = 256;

    /// <summary>The first panel.</summary>
    public required byte* Panels { get; init; }

    /// <summary>What <see cref="IPanelFloats.Pack"/> returned, shape [panels].</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

    /// <summary>Rows wanted, at most 32 for each panel; the last panel may hold more.</summary>
    public required int Rows { get; init; }

    /// <summary>The tokens, shape [tokens, columns].</summary>
    public required Matrix X { get; init; }

    /// <summary>Receives the products, shape [tokens, ≥ column + rows].</summary>
    public required Matrix Y { get; init; }

    /// <summary>Where in a row of <see cref="Y"/> they begin.</summary>
    public required int Column { get; init; }

    /// <summary>Whether products are added to what is there.</summary>
    public bool Adds { get; init; }

    /// <summary>Hands out one panel's products with one token.</summary>
    /// <param name="panel">Which panel.</param>
    /// <param name="token">Which token.</param>
    /// <param name="sums">The products, shape [32].</param>
    public void Store(int panel, int token, float* sums)
    {
        int row = panel * FloatPanels.Rows, wanted = Math.Min(FloatPanels.Rows, Rows - row);
        ReadOnlySpan<float> products = new(sums, wanted);
        Span<float> y = Y[token].Slice(Column + row, wanted);
        if (Adds)
            Lanes.Best(new AddScaled(products, 1, y));
        else
            products.CopyTo(y);
    }
}
