using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a weight of any format in 32-bit floats, decoding a few rows at a time: the reference for all others.</summary>
internal sealed class FloatMultiplier(Weight weight) : Multiplier
{
    private const int Tile = 4;      // rows decoded together

    private readonly Weight _weight = weight;

    public override bool TakesBytes => false;

    public override void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        int columns = _weight.Columns;
        bool stored = _weight.Format is BlockFormat<F32>;   // these rows need no decoding
        Span<float> tile = stored ? [] : Scratch.Floats(Tile * columns);
        (int first, int end) = Shares.Of(_weight.Rows, 16, member, members);
        for (int row = first; row < end; row += Tile)
        {
            int rows = Math.Min(Tile, end - row);
            if (!stored)
            {
                for (int i = 0; i < rows; i++)
                    _weight.Decode(row + i, tile.Slice(i * columns, columns));
            }

            ReadOnlySpan<float> weights = stored ? _weight.Floats(row, rows) : tile[..(rows * columns)];
            Lanes.Best(new DotProducts(weights, x.Values, y, column + row));
        }
    }
}
