namespace Thimble.Sampling;

/// <summary>A step of the chain between logits and token: it changes the logits of the candidates, or leaves some candidates out.</summary>
internal interface ISamplerStep
{
    /// <summary>Acts on the candidates; at least one is left.</summary>
    void Apply(Candidates candidates, in SamplingPoint point);
}
