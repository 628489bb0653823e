using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>Finds out why a model gave what is no number.</summary>
/// <remarks>Looking through all weights when a model is opened would read the whole file; so outcomes are looked at, which costs
/// next to nothing, and weights only when an outcome is bad.</remarks>
internal static class Damage
{
    /// <summary>A complaint that names the first weight with a value that is no number, if there is one.</summary>
    /// <param name="source">The model's file.</param>
    /// <param name="weights">What the outcome was computed with.</param>
    public static InvalidDataException In(string source, IEnumerable<Weight> weights)
    {
        foreach (Weight weight in weights)
        {
            float[] values = new float[weight.Columns];
            for (int row = 0; row < weight.Rows; row++)
            {
                weight.Decode(row, values);
                if (!Finiteness.Of(values))
                    return new($"Row {row} of tensor '{weight.Name}' of '{source}' has a value that is no number; the file is damaged.");
            }
        }

        return new($"'{source}' gives scores that are no numbers, though all its weights are numbers; its gains, biases or factors are too large.");
    }
}
