using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>Experts of one kind, whose first products take one fork and join together, and their second another.</summary>
/// <param name="First">Each expert's first matrices: gate and up, or up alone.</param>
/// <param name="Second">Each expert's last.</param>
/// <param name="Function">Between them.</param>
/// <param name="Gated">Whether there are gates.</param>
internal sealed record ExpertsTogether(Linear[] First, Linear[] Second, Nonlinearity Function, bool Gated)
{
    /// <summary>Choices of experts above which each expert has work enough for forks of its own.</summary>
    public const int Most = 256;

    private readonly Weight[][] _first = [.. First.Select(linear => linear.Parts)], _second = [.. Second.Select(linear => linear.Parts)];

    /// <summary>Experts as one; null where their kind does not allow it.</summary>
    public static ExpertsTogether? Of(Block[] experts)
    {
        if (Array.TrueForAll(experts, expert => expert is GatedFeedForward { Sparsity: null, Inner: null }))
        {
            GatedFeedForward[] gated = [.. experts.Cast<GatedFeedForward>()];
            return new([.. gated.Select(one => one.GateUp)], [.. gated.Select(one => one.Down)], gated[0].Function, Gated: true);
        }

        if (!Array.TrueForAll(experts, expert => expert is FeedForward { Factors: null }))
            return null;
        FeedForward[] plain = [.. experts.Cast<FeedForward>()];
        return new([.. plain.Select(one => one.Up)], [.. plain.Select(one => one.Down)], plain[0].Function, Gated: false);
    }

    /// <summary>Runs experts on rows that lie expert by expert.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="experts">The experts.</param>
    /// <param name="ends">Where each one's rows end.</param>
    /// <param name="y">Receives the outcomes, shape [rows, outputs].</param>
    public void Apply(Pass pass, Matrix x, ReadOnlySpan<int> experts, ReadOnlySpan<int> ends, Matrix y)
    {
        Matrix wide = pass.Scratch.Rent(x.Rows, First[0].Outputs), hidden = wide;
        Multiply(pass, First, _first, x, experts, ends, wide);
        if (Gated)
        {
            hidden = pass.Scratch.Rent(x.Rows, wide.Columns / 2);
            RowWork.Run(pass.Team, x.Rows, wide.Columns, new GateRows(Function, wide, hidden));
        }
        else
        {
            RowWork.Run(pass.Team, x.Rows, wide.Columns, new MapRows(Function, wide));
        }

        Multiply(pass, Second, _second, hidden, experts, ends, y);
    }

    private static void Multiply(Pass pass, Linear[] linears, Weight[][] weights, Matrix x, ReadOnlySpan<int> experts, ReadOnlySpan<int> ends, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Activations ready = Array.Exists(linears, linear => linear.TakesBytes) ? Activations.Room(x, pass.Scratch) : Activations.Of(x, rounded: false, pass.Scratch, pass.Team);
        new GroupedProducts(weights, experts, ends, ready, y).Run(pass.Team);
        for (int i = 0, first = 0; i < experts.Length; first = ends[i++])
            linears[experts[i]].Finish(y.Part(first, ends[i] - first));
    }
}
