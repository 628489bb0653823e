using System.Reflection;
using System.Xml.Linq;

namespace Thimble.Tests.Shape;

/// <summary>The ladder: every project that may be, the height it stands at, and how much it may hold.</summary>
internal static class Rungs
{
    /// <summary>Rung and budget of each project. The budget is what a reader can get to know; raising it is a decision, made here.</summary>
    private static readonly Dictionary<string, (int Rung, int Lines)> s_ladder = new(StringComparer.Ordinal)
    {
        ["Thimble.Compute"] = (1, 15_000),
        ["Thimble.Models"] = (2, 31_000),
        ["Thimble"] = (3, 27_000),
        ["Thimble.Lab"] = (4, 22_000),
        ["Thimble.Agents"] = (4, 12_000),
        ["Thimble.Cluster"] = (4, 4_000),
        ["Thimble.Server"] = (5, 8_000),
        ["Thimble.Cli"] = (6, 8_000),
    };

    /// <summary>The projects there are, lowest first.</summary>
    public static string[] Projects { get; } =
        [.. s_ladder.Keys.Where(project => Directory.Exists(Path.Combine(Golden.Root, "src", project)))];

    /// <summary>Their assemblies.</summary>
    public static Assembly[] Assemblies { get; } = [.. Projects.Select(Assembly.Load)];

    /// <summary>How high a project stands; null for what is not ours.</summary>
    public static int? Of(string? project) =>
        project is not null && s_ladder.TryGetValue(project, out (int Rung, int Lines) step) ? step.Rung : null;

    /// <summary>The most lines a project may have.</summary>
    public static int Budget(string project) => s_ladder[project].Lines;

    /// <summary>What a project's file refers to, of one kind, by name.</summary>
    /// <param name="kind"><c>ProjectReference</c> or <c>PackageReference</c>.</param>
    public static string[] References(string project, string kind) =>
    [
        .. XDocument.Load(Path.Combine(Golden.Root, "src", project, project + ".csproj")).Descendants(kind)
            .Select(item => item.Attribute("Include")!.Value)
            .Select(value => kind == "ProjectReference" ? Path.GetFileNameWithoutExtension(value) : value),
    ];
}
