namespace Thimble.Grammar;

/// <summary>Where a matcher stands.</summary>
/// <param name="Frames">The places, which never change.</param>
/// <param name="Ended">Whether the text has ended.</param>
internal readonly record struct MatcherSnapshot(Frame[] Frames, bool Ended);
