namespace Thimble.Models.Chat;

/// <summary>The ways of replying that this build knows; the file of each adds it here.</summary>
internal static class ReplyFamilies
{
    private static readonly Dictionary<string, ReplyFamily> s_known = new(StringComparer.Ordinal);

    /// <summary>The names, in order.</summary>
    public static IEnumerable<string> Names => s_known.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds one.</summary>
    /// <exception cref="ArgumentException">Another one has that name.</exception>
    public static void Add(ReplyFamily family) => s_known.Add(family.Name, family);

    /// <summary>The one of a name.</summary>
    public static ReplyFamily Named(string name) => s_known[name];

    /// <summary>The one whose signature fits a template best; null where none does.</summary>
    public static ReplyFamily? Find(string template)
    {
        ReplyFamily? best = null;
        int fit = 0;
        foreach (string name in Names)   // in order, so that ties fall the same way in every run
        {
            if (s_known[name].Fit(template) is int now && now > fit)
                (best, fit) = (s_known[name], now);
        }

        return best;
    }
}
