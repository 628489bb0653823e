using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Each token beside the one before it, as RWKV's blocks see them.</summary>
/// <remarks>Source: Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", 2023, section 3.1.1.</remarks>
internal static class TokenShift
{
    /// <summary>The tokens before those of a run; the last ones are kept for the next run.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="mixer">The mixer whose recurrent state begins with the last token, shape [features].</param>
    /// <returns>Shape [rows, features].</returns>
    public static Matrix Before(Pass pass, Matrix x, int mixer)
    {
        Matrix before = pass.Scratch.Rent(x.Rows, x.Columns);
        foreach (Segment segment in pass.Segments)
        {
            Span<float> last = segment.State.Recurrent(mixer)[..x.Columns];
            last.CopyTo(before[segment.First]);
            for (int row = segment.First + 1; row < segment.First + segment.Count; row++)
                x[row - 1].CopyTo(before[row]);
            x[segment.First + segment.Count - 1].CopyTo(last);
        }

        return before;
    }

    /// <summary><c>from + mix · (to − from)</c> for every row.</summary>
    /// <param name="pass">Lends the outcome.</param>
    /// <param name="from">Shape [rows, features].</param>
    /// <param name="to">Shape [rows, features].</param>
    /// <param name="mix">Shape [features], the same for every row.</param>
    public static Matrix Mixed(Pass pass, Matrix from, Matrix to, ReadOnlySpan<float> mix)
    {
        Matrix y = pass.Scratch.Rent(from.Rows, from.Columns);
        for (int row = 0; row < from.Rows; row++)
            Lanes.Best(new Blend(from[row], to[row], mix, y[row]));
        return y;
    }
}
