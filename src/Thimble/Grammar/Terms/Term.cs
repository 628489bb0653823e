namespace Thimble.Grammar;

/// <summary>A language of bytes, written as a formula: regular, but for its calls of rules.</summary>
/// <remarks>Made by <see cref="Terms"/> only, one object for one formula, so that equality is identity.</remarks>
internal sealed class Term
{
    /// <summary>No limit to a repetition.</summary>
    public const int Unbounded = int.MaxValue;

    internal Term(TermKind kind, int id) => (Kind, Id) = (kind, id);

    /// <summary>What it is made of.</summary>
    public TermKind Kind { get; }

    /// <summary>Its number among the terms of its pool.</summary>
    public int Id { get; }

    /// <summary>The terms it is made of.</summary>
    public Term[] Parts { get; init; } = [];

    /// <summary>The bytes of <see cref="TermKind.Bytes"/>.</summary>
    public ByteSet Set { get; init; }

    /// <summary>The least count of a repetition.</summary>
    public int Least { get; init; }

    /// <summary>The greatest count of a repetition.</summary>
    public int Most { get; init; }

    /// <summary>The rule that is called.</summary>
    public Rule? Rule { get; init; }

    /// <summary>The multiple's residue.</summary>
    public Residue Residue { get; init; }

    /// <summary>Whether the empty text is in it. A call counts as none: it is entered to find out.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether it matches something for certain: it holds no intersection and no complement.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Whether it calls a rule.</summary>
    public bool HasCalls { get; init; }

    /// <summary>How many terms it is made of, counted with repetition, up to a bound.</summary>
    public int Size { get; init; }

    /// <summary>Whether it matches anything; null while unknown.</summary>
    internal bool? Life { get; set; }
}
