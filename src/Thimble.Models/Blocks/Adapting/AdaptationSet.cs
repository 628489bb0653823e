namespace Thimble.Models.Blocks;

/// <summary>The adapters of a sequence, in the order in which they are added.</summary>
internal sealed class AdaptationSet : IEquatable<AdaptationSet>
{
    private readonly Adapting[] _parts;

    private AdaptationSet(Adapting[] parts) => _parts = parts;

    /// <summary>The adapters.</summary>
    public ReadOnlySpan<Adapting> Parts => _parts;

    /// <summary>A set of adapters; null if there are none that count.</summary>
    /// <exception cref="ArgumentException">One stands twice, or a scale is no number.</exception>
    public static AdaptationSet? Of(IEnumerable<Adapting> parts)
    {
        Adapting[] sorted = [.. parts.OrderBy(part => part.Adaptation.Number)];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && ReferenceEquals(sorted[i].Adaptation, sorted[i - 1].Adaptation))
                throw new ArgumentException("An adapter is listed twice; list it once with the sum of the scales.", nameof(parts));
            if (!float.IsFinite(sorted[i].Scale))
                throw new ArgumentException($"The scale of an adapter is {sorted[i].Scale}; expected a number.", nameof(parts));
        }

        sorted = Array.FindAll(sorted, part => part.Scale != 0);
        return sorted.Length == 0 ? null : new(sorted);
    }

    /// <summary>An adapter's scale; 0 if it is not in use.</summary>
    public float ScaleOf(Adaptation adaptation)
    {
        foreach (ref readonly Adapting part in _parts.AsSpan())
        {
            if (ReferenceEquals(part.Adaptation, adaptation))
                return part.Scale;
        }

        return 0;
    }

    /// <inheritdoc />
    public bool Equals(AdaptationSet? other) => other is not null && _parts.AsSpan().SequenceEqual(other._parts);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as AdaptationSet);

    /// <inheritdoc />
    public override int GetHashCode() => _parts.Aggregate(0, HashCode.Combine);
}
