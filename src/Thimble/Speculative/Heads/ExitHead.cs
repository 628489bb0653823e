using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.Tokens;

namespace Thimble.Speculative;

/// <summary>A model's first layers as its own drafter: they end in a head of their own, or in the model's.</summary>
/// <remarks>Source: Elhoushi et al., "LayerSkip: Enabling Early Exit Inference and Self-Speculative Decoding", 2024, section 4.3. The layers' weights are
/// the model's; their keys are kept once more, so that drafting and verifying stay apart.</remarks>
internal static class ExitHead
{
    /// <summary>Takes the first layers of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="layers">How many layers, below those it has.</param>
    /// <param name="team">Computes.</param>
    /// <param name="context">The longest text.</param>
    /// <param name="norm">Normalises what the layers give; null for the model's own last norm.</param>
    /// <param name="head">Scores tokens; null for the model's own head.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many layers.</exception>
    public static DraftModel Of(Decoder model, Tokenizer tokenizer, int layers, Team team, int context, Norm? norm = null, Head? head = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layers, model.Layers.Count);

        // Mixers are numbered by their place, so those of the first layers keep their numbers in the part.
        var part = new Decoder(model.Embedding, [.. model.Layers.Take(layers)], norm ?? model.LastNorm, head ?? model.Head, model.Prelude) { Source = model.Source };
        return new DraftModel(part, tokenizer, team, context);
    }
}
