namespace Thimble.Lab.Evaluate;

/// <summary>The suites there are; each file of one adds it.</summary>
internal static class Suites
{
    private static readonly SortedDictionary<string, Suite> s_suites = new(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyCollection<Suite> All => s_suites.Values;

    /// <summary>Adds one.</summary>
    public static void Add(Suite suite) => s_suites.Add(suite.Name, suite);

    /// <summary>The suite of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Suite Named(string name) => s_suites.TryGetValue(name, out Suite? suite)
        ? suite
        : throw new ArgumentException($"There is no suite '{name}'; known: {string.Join(", ", s_suites.Keys)}.", nameof(name));
}
