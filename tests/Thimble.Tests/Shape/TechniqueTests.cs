using System.Reflection;
using System.Text.RegularExpressions;
using Thimble.Compute;

namespace Thimble.Tests.Shape;

public partial class TechniqueTests
{
    private const int Systems = 47;

    [Fact]
    public void Every_technique_has_one_home_that_carries_its_name_and_one_test()
    {
        Type[] homes = [.. Rungs.Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsDefined(typeof(TechniqueAttribute), false))];
        Assert.NotEmpty(homes);
        Assert.Empty(Faults(homes));
    }

    [Fact]
    public void A_technique_without_home_name_or_test_is_found()
    {
        string[] faults = [.. Faults([typeof(Nameless), typeof(Twice), typeof(Twice)])];
        Assert.Contains(faults, fault => fault.Contains("does not carry its name", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("has 2 homes", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("has no file", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("has no test", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_system_has_a_row_and_every_row_begun_a_home()
    {
        string[][] rows = [.. Rows()];
        Assert.Equal(Enumerable.Range(1, Systems).Select(number => $"{number}"), rows.Select(row => row[0]));
        foreach (string[] row in rows)
        {
            string home = row[4].Trim('`'), state = row[^1];
            Assert.Contains(state, new[] { "not yet", "partly", "done" });
            if (state == "not yet")
                Assert.Equal("-", home);
            else
                Assert.Contains("[Technique(", File.ReadAllText(Path.Combine(Golden.Root, "src", home)), StringComparison.Ordinal);
        }
    }

    /// <summary>What is wrong with the homes of techniques, in sentences.</summary>
    private static IEnumerable<string> Faults(Type[] homes)
    {
        string[] files = [.. SourceFile.In("src").Select(file => Path.GetFileNameWithoutExtension(file.Path))];
        string[] tests = [.. typeof(TechniqueTests).Assembly.GetTypes().Select(type => type.Name)];
        foreach (IGrouping<string, Type> technique in homes.GroupBy(Name))
        {
            if (technique.Count() > 1)
                yield return $"{technique.Key} has {technique.Count()} homes.";
            string type = technique.First().Name.Split('`')[0];
            if (!Plain(technique.Key).Equals(type, StringComparison.OrdinalIgnoreCase))
                yield return $"{type} is the home of {technique.Key} and does not carry its name.";
            if (!files.Contains(type))
                yield return $"{type} has no file named after it.";
            if (!tests.Contains(type + "Tests"))
                yield return $"{type} has no test class {type}Tests.";
        }
    }

    private static string Name(Type home) => home.GetCustomAttribute<TechniqueAttribute>()!.Name;

    /// <summary>A name as a type can carry it: letters and digits, and <c>+</c> read as Plus.</summary>
    private static string Plain(string name) => NoLetter().Replace(name.Replace("+", "Plus", StringComparison.Ordinal), "");

    /// <summary>The cells of the table in docs/papers.md.</summary>
    private static IEnumerable<string[]> Rows() => File.ReadLines(Path.Combine(Golden.Root, "docs", "papers.md"))
        .Where(line => TableRow().IsMatch(line))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    [GeneratedRegex("[^A-Za-z0-9]")]
    private static partial Regex NoLetter();

    [GeneratedRegex(@"^\|\s*\d+\s*\|")]
    private static partial Regex TableRow();

    [Technique("No+Where", "nobody")]
    private sealed class Nameless;

    [Technique("Twice", "nobody")]
    private sealed class Twice;
}
