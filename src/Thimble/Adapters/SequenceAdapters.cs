using Thimble.Models.Blocks;

namespace Thimble.Adapters;

/// <summary>The adapters that a sequence's tokens go through: some from the beginning, some only from a token on.</summary>
/// <param name="Before">Those of the first tokens; null for none.</param>
/// <param name="After">Those of the tokens from <paramref name="From"/> on; null for none.</param>
/// <param name="From">Where the second begin.</param>
internal sealed record SequenceAdapters(AdaptationSet? Before, AdaptationSet? After, int From)
{
    /// <summary>No adapters.</summary>
    public static SequenceAdapters None { get; } = new(null, null, int.MaxValue);

    /// <summary>Whether no token goes through any.</summary>
    public bool IsNone => Before is null && (After is null || From == int.MaxValue);

    /// <summary>The adapters of a generation.</summary>
    /// <param name="applied">As its options list them, at least one.</param>
    /// <param name="model">Its model.</param>
    /// <param name="tokens">The whole prompt.</param>
    /// <exception cref="ArgumentException">One is another model's or stands twice, or a scale or layer is impossible.</exception>
    /// <exception cref="ObjectDisposedException">One has been disposed.</exception>
    public static SequenceAdapters Of(IReadOnlyList<AppliedAdapter> applied, Model model, ReadOnlySpan<int> tokens)
    {
        int from = int.MaxValue;
        List<Adapting> always = [], later = [];
        foreach (AppliedAdapter use in applied)
        {
            Adapting part = Part(use, model);
            if (part.Adaptation.Invocation is not { Length: > 0 } invocation)
            {
                always.Add(part);
                continue;
            }

            // Two that begin at different tokens would need a third set between them.
            int at = tokens.LastIndexOf(invocation);
            if (later.Count > 0)
                throw new ArgumentException("Two adapters with invocation tokens are listed; at most one can be.", nameof(applied));
            later.Add(part);
            from = at < 0 ? int.MaxValue : at;
        }

        var before = AdaptationSet.Of(always);
        return from == int.MaxValue ? new(before, before, from) : new(before, AdaptationSet.Of([.. always, .. later]), from);
    }

    /// <summary>The adapters of tokens from a position on, and how many of them have the same.</summary>
    public (AdaptationSet? Set, int Count) At(int position, int count) =>
        position < From ? (Before, Math.Min(count, From - position)) : (After, count);

    /// <summary>How many tokens of a sequence would be computed alike with others.</summary>
    public int Agreement(SequenceAdapters other) =>
        !Equals(Before, other.Before) ? (From == 0 && other.From == 0 && Equals(After, other.After) ? int.MaxValue : 0)
        : From == other.From && Equals(After, other.After) ? int.MaxValue
        : Math.Min(From, other.From);

    private static Adapting Part(AppliedAdapter use, Model model)
    {
        if (!ReferenceEquals(use.Adapter.Model, model))
            throw new ArgumentException($"The adapter '{use.Adapter.Path}' was loaded for another model; load it with this model's LoadAdapter.", nameof(use));
        (int first, int last) = use.Layers ?? (0, int.MaxValue);
        return first >= 0 && first <= last
            ? new(use.Adapter.Changes(), use.Scale, first, last)
            : throw new ArgumentException($"Layers of the adapter '{use.Adapter.Path}' are {first} to {last}; expected a first of at least 0 and a last not below it.", nameof(use));
    }
}
