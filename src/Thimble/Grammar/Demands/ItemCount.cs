namespace Thimble.Grammar;

/// <summary>How many items of a list are of some kind.</summary>
/// <param name="Values">The kind.</param>
/// <param name="From">The first item that counts.</param>
/// <param name="Least">The least count.</param>
/// <param name="Most">The greatest.</param>
internal sealed record ItemCount(Formula Values, int From, int Least, int Most);
