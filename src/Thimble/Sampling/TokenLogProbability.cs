namespace Thimble;

/// <summary>A token and how likely the model finds it.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability: 0 or less.</param>
public readonly record struct TokenLogProbability(int Id, float LogProbability);
