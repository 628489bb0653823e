namespace Thimble.Grammar;

/// <summary>What makes two states of a key one.</summary>
/// <param name="First">The first name that may still come of it.</param>
/// <param name="Last">The name behind the last that may.</param>
/// <param name="Depth">Bytes read, where a name may still come.</param>
/// <param name="Text">Where it stands as a text.</param>
/// <param name="Others">Where it stands among the other keys.</param>
/// <param name="Patterns">Where it stands in each pattern.</param>
internal readonly record struct KeyPlace(int First, int Last, int Depth, State Text, State? Others, State[] Patterns)
{
    /// <inheritdoc />
    public bool Equals(KeyPlace other) =>
        First == other.First && Last == other.Last && Depth == other.Depth && ReferenceEquals(Text, other.Text) && ReferenceEquals(Others, other.Others)
        && Patterns.AsSpan().SequenceEqual(other.Patterns);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        int hash = HashCode.Combine(First, Last, Depth, Text, Others);
        foreach (State pattern in Patterns)
            hash = (hash * 31) + pattern.GetHashCode();
        return hash;
    }
}
