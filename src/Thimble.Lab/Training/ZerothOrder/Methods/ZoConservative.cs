using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>ZO-SGD-Cons: of <c>w</c>, <c>w − rate · ĝ</c> and <c>w + rate · ĝ</c> the one with the least loss on the batch.</summary>
/// <remarks>Three losses more a step. Source: Kim et al., "Curvature-Aware Derivative-Free Optimization", 2021, for the choice; in ZO-Bench, Zhang et al.,
/// 2024, section 3.</remarks>
internal sealed class ZoConservative : ZoSgd
{
    /// <inheritdoc />
    public override bool Chooses => true;

    [ModuleInitializer]
    internal static new void Register() => Add("conservative", static _ => new ZoConservative());
}
