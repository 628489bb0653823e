namespace Thimble.Models.Tokens;

/// <summary>A part of a pattern, as parsed.</summary>
internal abstract record PatternNode
{
    /// <summary>One character of a set.</summary>
    public sealed record One(CharacterSet Set) : PatternNode;

    /// <summary>Parts in a row; none match nothing.</summary>
    public sealed record Row(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>The first of several parts that matches.</summary>
    public sealed record Choice(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>A part several times: as often as it goes, or as seldom, or as often as it goes and no less.</summary>
    public sealed record Repeat(PatternNode Part, int Least, int Most, bool Lazy, bool Possessive) : PatternNode;

    /// <summary>What follows must, or must not, match.</summary>
    public sealed record Look(PatternNode Part, bool Negative) : PatternNode;

    /// <summary>A part whose first match is final.</summary>
    public sealed record Atomic(PatternNode Part) : PatternNode;

    /// <summary>A place: <c>^</c>, <c>$</c>, <c>\b</c> or <c>\B</c>.</summary>
    public sealed record Place(PatternStep Step) : PatternNode;

    /// <summary>Whether it can match without taking a character.</summary>
    public bool CanBeEmpty => this switch
    {
        One => false,
        Row row => row.Parts.All(part => part.CanBeEmpty),
        Choice choice => choice.Parts.Any(part => part.CanBeEmpty),
        Repeat repeat => repeat.Least == 0 || repeat.Part.CanBeEmpty,
        Atomic atomic => atomic.Part.CanBeEmpty,
        _ => true,
    };
}
