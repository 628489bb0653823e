using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a weight of any format in 32-bit floats, decoding a few rows at a time: the reference for all others.</summary>
internal sealed class FloatMultiplier(Weight weight) : Multiplier
{
    private const int Tile = DotProducts.Rows;   // rows decoded together

    private readonly Weight _weight = weight;

    public override bool TakesBytes => false;

    public override void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        (int first, int end) = Shares.Of(_weight.Rows, 16, member, members);
        if (first == end)
            return;

        Region rows = _weight.Blocks.Part((long)first * _weight.RowBytes, (long)(end - first) * _weight.RowBytes);
        if (x.Values.Rows == 1 && _weight.Format.TryDot(rows, x.Values[0], y[0].Slice(column + first, end - first)))
            return;

        int columns = _weight.Columns;
        bool stored = _weight.Format is BlockFormat<F32>;   // these rows need no decoding
        Span<float> room = Scratch.Floats(DotProducts.Room + (stored ? 0 : Tile * columns));
        Span<float> partial = room[..DotProducts.Room], tile = room[DotProducts.Room..];
        for (int row = first; row < end; row += Tile)
        {
            int count = Math.Min(Tile, end - row);
            for (int i = 0; !stored && i < count; i++)
                _weight.Decode(row + i, tile.Slice(i * columns, columns));
            ReadOnlySpan<float> weights = stored ? _weight.Floats(row, count) : tile[..(count * columns)];
            Lanes.Best(new DotProducts(weights, x.Values, y, column + row, partial));
        }
    }
}
