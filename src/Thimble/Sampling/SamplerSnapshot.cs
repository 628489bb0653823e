namespace Thimble.Sampling;

/// <summary>A sampler's state at one moment: enough to go back to it.</summary>
/// <param name="Length">Tokens seen, prompt and generated.</param>
/// <param name="Fingerprint">Of those tokens.</param>
/// <param name="Generated">Tokens generated; the position of the next draw.</param>
/// <param name="Mu">Mirostat's threshold in bits; 0 without it.</param>
internal readonly record struct SamplerSnapshot(int Length, ulong Fingerprint, long Generated, double Mu);
