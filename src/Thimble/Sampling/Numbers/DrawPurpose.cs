namespace Thimble.Sampling;

/// <summary>What a random number is drawn for: the streams of one position.</summary>
internal enum DrawPurpose
{
    /// <summary>Which candidate becomes the token.</summary>
    Token,

    /// <summary>Whether XTC acts.</summary>
    Xtc,

    /// <summary>Whether a drafted token is accepted.</summary>
    Acceptance,

    /// <summary>Which token takes the place of a drafted one that was not accepted.</summary>
    Residual,

    /// <summary>Which token is drafted.</summary>
    Draft,
}
