namespace Thimble.Grammar;

/// <summary>Some keys of objects: those of some names, patterns and other sets, or all but those.</summary>
/// <param name="Names">The names.</param>
/// <param name="Patterns">Languages of keys, spelled as within JSON.</param>
/// <param name="Sets">Other sets.</param>
/// <param name="IsComplement">Whether all others are meant.</param>
internal sealed record KeySet(IReadOnlySet<string> Names, IReadOnlyList<Term> Patterns, IReadOnlyList<KeySet> Sets, bool IsComplement)
{
    /// <summary>Every key.</summary>
    public static KeySet All { get; } = AllBut([], []);

    /// <summary>The only name in it; null where there are none, several, or patterns.</summary>
    public string? Single => !IsComplement && Patterns.Count == 0 && Sets.Count == 0 && Names.Count == 1 ? Names.First() : null;

    /// <summary>All names it speaks of.</summary>
    public IEnumerable<string> AllNames => Sets.Count == 0 ? Names : Sets.SelectMany(set => set.AllNames).Concat(Names);

    /// <summary>All patterns it speaks of.</summary>
    public IEnumerable<Term> AllPatterns => Sets.Count == 0 ? Patterns : Sets.SelectMany(set => set.AllPatterns).Concat(Patterns);

    /// <summary>Keys of some names and patterns.</summary>
    public static KeySet Of(IEnumerable<string> names, params IReadOnlyList<Term> patterns) => new(new HashSet<string>(names, StringComparer.Ordinal), patterns, [], false);

    /// <summary>All keys but those of some names and patterns.</summary>
    public static KeySet AllBut(IEnumerable<string> names, IReadOnlyList<Term> patterns) => Of(names, patterns) with { IsComplement = true };

    /// <summary>All keys that are in none of some sets.</summary>
    public static KeySet OutsideOf(IReadOnlyList<KeySet> sets) => new(new HashSet<string>(), [], sets, true);

    /// <summary>Whether a key is in it.</summary>
    /// <param name="name">The key.</param>
    /// <param name="matches">Whether the key matches a pattern.</param>
    public bool Contains(string name, Func<Term, bool> matches) =>
        (Names.Contains(name) || Patterns.Any(matches) || Sets.Any(set => set.Contains(name, matches))) != IsComplement;

    /// <summary>Whether a key of none of the names anybody speaks of is in it.</summary>
    /// <param name="matches">Whether the key matches a pattern.</param>
    public bool ContainsOther(Func<Term, bool> matches) => (Patterns.Any(matches) || Sets.Any(set => set.ContainsOther(matches))) != IsComplement;
}
