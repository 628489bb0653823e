namespace Thimble.Grammar;

/// <summary>A part of a regular expression.</summary>
internal abstract record RegexNode
{
    /// <summary>One character of a set.</summary>
    public sealed record One(Characters Set) : RegexNode;

    /// <summary>Parts one behind the other.</summary>
    public sealed record Row(IReadOnlyList<RegexNode> Parts) : RegexNode;

    /// <summary>Any of several.</summary>
    public sealed record Choice(IReadOnlyList<RegexNode> Parts) : RegexNode;

    /// <summary>One part several times.</summary>
    public sealed record Repeat(RegexNode Part, int Least, int Most) : RegexNode;

    /// <summary>What follows is looked at, or must not be there.</summary>
    public sealed record Look(RegexNode Part, bool IsNegative) : RegexNode;

    /// <summary>The beginning, or the end, of the text.</summary>
    public sealed record Edge(bool IsEnd) : RegexNode;

    /// <summary>What a rule of a grammar says; no regular expression has it.</summary>
    public sealed record Call(string Rule) : RegexNode;

    /// <summary>A token by its name; no regular expression has it.</summary>
    public sealed record Mark(string Name) : RegexNode;

    /// <summary>Whether it is a plain language: no edges, nothing looked at.</summary>
    public bool IsPlain => this switch
    {
        One => true,
        Row row => row.Parts.All(part => part.IsPlain),
        Choice choice => choice.Parts.All(part => part.IsPlain),
        Repeat repeat => repeat.Part.IsPlain,
        _ => false,
    };
}
