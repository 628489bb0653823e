namespace Thimble.Grammar;

/// <summary>What a term is made of.</summary>
internal enum TermKind
{
    /// <summary>No text at all.</summary>
    Nothing,

    /// <summary>The empty text.</summary>
    Empty,

    /// <summary>One byte of a set.</summary>
    Bytes,

    /// <summary>One term behind another.</summary>
    Sequence,

    /// <summary>Any of several.</summary>
    Choice,

    /// <summary>All of several at once.</summary>
    Both,

    /// <summary>Every text but those of a term.</summary>
    Not,

    /// <summary>One term several times.</summary>
    Repeat,

    /// <summary>What a rule says, which may lead back here.</summary>
    Call,

    /// <summary>Decimal digits that go on to a multiple of a number.</summary>
    Multiple,
}
