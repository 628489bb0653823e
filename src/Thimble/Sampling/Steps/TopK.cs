using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Keeps the k likeliest candidates.</summary>
/// <remarks>Source: Fan et al., "Hierarchical Neural Story Generation", 2018, section 5.4.</remarks>
internal sealed class TopK(int k) : ISamplerStep
{
    [ModuleInitializer]
    internal static void Register() =>
        SamplerSteps.Add("top_k", reweighs: false, (options, _) => options.TopK > 0 ? new TopK(options.TopK) : null);

    public void Apply(Candidates candidates, in SamplingPoint point) => candidates.Top(k);
}
