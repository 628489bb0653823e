namespace Thimble.Grammar;

/// <summary>Several demands on one value, each either met or not met; one object for one set of them.</summary>
/// <param name="Parts">The demands, and whether the opposite is demanded; in order, none twice.</param>
internal sealed record Demand(IReadOnlyList<(Formula Formula, bool Not)> Parts)
{
    /// <summary>The rule of the values that meet it.</summary>
    public ValueRule Rule { get; set; } = null!;

    /// <summary>Whether a value can meet it; null while unknown.</summary>
    public bool? IsAlive { get; set; }

    /// <inheritdoc />
    public bool Equals(Demand? other) => ReferenceEquals(this, other);

    /// <inheritdoc />
    public override int GetHashCode() => Parts.Count == 0 ? 0 : Parts[0].Formula.Id;
}
