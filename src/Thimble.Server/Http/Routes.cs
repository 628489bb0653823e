using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace Thimble.Server.Http;

/// <summary>All that the server answers. Each file of an endpoint adds its own when the assembly loads.</summary>
internal static class Routes
{
    private static readonly Dictionary<string, Route> s_all = new(StringComparer.Ordinal);

    /// <summary>The routes there are.</summary>
    public static IReadOnlyCollection<Route> All => s_all.Values;

    /// <summary>Adds a route.</summary>
    /// <exception cref="ArgumentException">Another file answers that already.</exception>
    public static void Add(Route route) => s_all.Add($"{route.Method} {route.Pattern}", route);

    /// <summary>Adds a route that only tells something.</summary>
    public static void AddGet([StringSyntax("Route")] string pattern, Dialect dialect, Func<Exchange, Task> answer) =>
        Add(new(HttpMethods.Get, pattern, dialect, answer));

    /// <summary>Adds a route whose answer a model computes.</summary>
    public static void AddPost([StringSyntax("Route")] string pattern, Dialect dialect, Func<Exchange, Task> answer) =>
        Add(new(HttpMethods.Post, pattern, dialect, answer) { Computes = true });
}
