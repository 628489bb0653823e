namespace Thimble.Sampling;

/// <summary>The options of which a model's file may say how its makers would have them.</summary>
[Flags]
internal enum Recommended
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary><see cref="SamplingOptions.Temperature"/>.</summary>
    Temperature = 1,

    /// <summary><see cref="SamplingOptions.TopK"/>.</summary>
    TopK = 2,

    /// <summary><see cref="SamplingOptions.TopP"/>.</summary>
    TopP = 4,

    /// <summary><see cref="SamplingOptions.MinP"/>.</summary>
    MinP = 8,

    /// <summary><see cref="SamplingOptions.RepetitionPenalty"/>.</summary>
    RepetitionPenalty = 16,

    /// <summary><see cref="SamplingOptions.PenaltyWindow"/>.</summary>
    PenaltyWindow = 32,

    /// <summary><see cref="SamplingOptions.Xtc"/>.</summary>
    Xtc = 64,

    /// <summary><see cref="SamplingOptions.Mirostat"/>.</summary>
    Mirostat = 128,

    /// <summary><see cref="SamplingOptions.Order"/>.</summary>
    Order = 256,
}
