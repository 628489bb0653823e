using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>Forward gradient: <c>w = w − rate · ⟨∇L, u⟩ · u</c>, the slope exact, by one run with tangents.</summary>
/// <remarks>No distance to choose and no difference to lose digits in; costs about two runs and a layer's tangents.
/// Source: Baydin et al., "Gradients without Backpropagation", 2022, section 3.3; in ZO-Bench, Zhang et al., 2024, section 3.</remarks>
internal sealed class ForwardGradient : ZoSgd
{
    /// <inheritdoc />
    public override bool Pushes => true;

    [ModuleInitializer]
    internal static new void Register() => Add("forward", static _ => new ForwardGradient());
}
