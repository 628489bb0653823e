using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary><c>w = w − rate · (sign(β₁m + (1−β₁)g) + decay · w); m = β₂m + (1−β₂)g</c>.</summary>
/// <remarks>Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, algorithm 2.</remarks>
internal sealed class Lion(OptimiserOptions options) : Optimiser
{
    /// <inheritdoc />
    public override int Slots => 1;

    [ModuleInitializer]
    internal static void Register() => Optimisers.Add("lion", static options => new Lion(options));

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> gradient, Span<float> memory)
    {
        for (int i = 0; i < values.Length; i++)
        {
            float along = (options.Beta1 * memory[i]) + ((1 - options.Beta1) * gradient[i]);
            values[i] -= step.Rate * ((along > 0 ? 1 : along < 0 ? -1 : 0) + (step.Decay * values[i]));
            memory[i] = (options.Beta2 * memory[i]) + ((1 - options.Beta2) * gradient[i]);
        }
    }
}
