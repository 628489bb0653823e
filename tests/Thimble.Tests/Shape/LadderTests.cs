using System.Reflection;
using System.Xml.Linq;

namespace Thimble.Tests.Shape;

public class LadderTests
{
    public static TheoryData<string> Projects => [.. Rungs.Projects];

    /// <summary>What each project may bring into a user's program.</summary>
    private static readonly Dictionary<string, string[]> s_packages = new(StringComparer.Ordinal)
    {
        ["Thimble.Compute"] = [],
        ["Thimble.Models"] = [],
        ["Thimble"] = ["Microsoft.Extensions.AI.Abstractions"],
    };

    [Fact]
    public void Every_project_stands_on_a_rung() => Assert.Equal(
        Rungs.Projects.Order(),
        Directory.EnumerateFiles(Path.Combine(Golden.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Theory, MemberData(nameof(Projects))]
    public void Refers_only_downward(string project)
    {
        IEnumerable<string?> compiled = Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name);
        foreach (string? reference in compiled.Concat(Rungs.References(project, "ProjectReference")))
        {
            if (Rungs.Of(reference) is { } rung)
                Assert.True(rung < Rungs.Of(project), $"{project} may not refer to {reference}: it stands no lower.");
        }
    }

    [Theory, MemberData(nameof(Projects))]
    public void Brings_only_its_packages(string project)
    {
        if (s_packages.TryGetValue(project, out string[]? packages))
            Assert.Equal(packages, Rungs.References(project, "PackageReference"));
    }

    [Fact]
    public void Every_package_says_why_it_is_here()
    {
        foreach (XElement package in Packages())
        {
            // One comment may speak for the packages that follow it without a gap of another.
            XNode? before = package.PreviousNode;
            while (before is XElement)
                before = before.PreviousNode;
            Assert.True(before is XComment, $"Directory.Packages.props gives no reason for {package.Attribute("Include")!.Value}.");
        }
    }

    [Fact]
    public void Every_package_has_one_version()
    {
        foreach (XElement package in Packages())
            Assert.Matches(@"^\d+\.\d+\.\d+$", package.Attribute("Version")!.Value);
    }

    private static IEnumerable<XElement> Packages() =>
        XDocument.Load(Path.Combine(Golden.Root, "Directory.Packages.props")).Descendants()
            .Where(element => element.Name.LocalName is "PackageVersion" or "GlobalPackageReference");
}
