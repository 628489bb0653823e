namespace Thimble.Grammar;

/// <summary>What makes two terms the same formula.</summary>
internal readonly record struct TermKey(
    TermKind Kind, int First = -1, int Second = -1, int Third = -1, ByteSet Set = default, Rule? Rule = null, Residue Residue = default, Term[]? Many = null)
{
    /// <inheritdoc />
    public bool Equals(TermKey other) =>
        Kind == other.Kind && First == other.First && Second == other.Second && Third == other.Third && Set == other.Set
        && ReferenceEquals(Rule, other.Rule) && Residue == other.Residue
        && Many.AsSpan().SequenceEqual(other.Many);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        int hash = HashCode.Combine(Kind, First, Second, Third, Set, Rule, Residue);
        foreach (Term term in Many ?? [])
            hash = (hash * 31) + term.Id;
        return hash;
    }
}
