using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>A selective state space (Mamba) as GenZ lists it: four products, a convolution, and the scan written out as tensor products.</summary>
/// <param name="shape">The model.</param>
/// <param name="platform">How nodes divide it.</param>
/// <param name="gemm">Adds a product.</param>
/// <param name="einsum">Adds a tensor product.</param>
/// <param name="exchange">Adds an exchange.</param>
internal sealed class GenZStateSpace(
    TransformerShape shape, Platform platform,
    Action<string, double, double, double, Kept> gemm,
    Action<string, double, (double, double, double), (bool, bool, bool), bool> einsum,
    Action<string, double, double, int, string> exchange)
{
    /// <summary>Adds one layer.</summary>
    /// <param name="space">States, taps, expansion and rank.</param>
    /// <param name="tokens">New tokens.</param>
    public void Add((int States, int Taps, int Expansion, int Rank) space, int tokens)
    {
        int split = platform.Tensor * platform.Experts;
        double width = Math.Round((double)shape.Width / split), wide = width * space.Expansion, states = space.States;
        double steps = Math.Max(1, Math.Round(Math.Log10(tokens)));   // what the tool takes a parallel scan for
        double each = wide * tokens * states;
        gemm("Inproj", 2 * wide, tokens, width, Kept.None);
        einsum("Conv", wide * tokens * space.Taps, (wide * tokens, wide * space.Taps, wide * tokens), (false, false, false), true);
        gemm("BC proj", space.Rank + (2 * states), tokens, wide, Kept.None);
        gemm("xt proj", wide, tokens, space.Rank, Kept.None);
        einsum("deltaA", each, (wide * tokens, wide * states, each), (false, true, true), false);
        einsum("deltaB", each, (wide * tokens, tokens * states, each), (false, false, true), false);
        einsum("deltaBu", each, (each, wide * tokens, each), (false, false, false), false);
        einsum("x calc", wide * steps * states, (wide * steps * states, wide * states, wide * steps * states), (true, true, true), true);
        einsum("y calc", wide * steps * states, (wide * steps * states, tokens * states, wide * steps), (true, true, true), false);
        einsum("D addition", wide * tokens, (wide * tokens, wide * tokens, wide * tokens), (true, true, true), false);
        einsum("out mult z", wide * tokens, (wide * tokens, wide * tokens, wide * tokens), (true, true, true), false);
        gemm("Out proj", width, tokens, wide, Kept.None);
        exchange("Mamba AR", tokens, width, split, Collectives.AllReduce);
    }
}
