using System.Reflection;

namespace Thimble.Tests.Shape;

public class SurfaceTests
{
    public static TheoryData<string> Projects => [.. Rungs.Projects];

    /// <summary>Set UPDATE_API=1 to write the surface down anew; the difference is then reviewed like any other.</summary>
    [Theory, MemberData(nameof(Projects))]
    public void Public_surface_is_the_one_reviewed(string project)
    {
        string path = Path.Combine(Golden.Root, "api", project + ".txt"), surface = Surface.Of(Assembly.Load(project));
        if (Environment.GetEnvironmentVariable("UPDATE_API") == "1")
            File.WriteAllText(path, surface);

        string[] reviewed = [.. Surface.Lines(File.Exists(path) ? File.ReadAllText(path) : "")], found = [.. Surface.Lines(surface)];
        string[] changes = [.. reviewed.Except(found).Select(line => "- " + line), .. found.Except(reviewed).Select(line => "+ " + line)];
        Assert.True(changes.Length == 0,
            $"api/{project}.txt no longer says what is public. If that is meant, run the tests with UPDATE_API=1.\n{string.Join('\n', changes)}");
    }

    [Fact]
    public void Every_surface_belongs_to_a_project() => Assert.Equal(
        Rungs.Projects.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(Golden.Root, "api"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));

    [Fact]
    public void A_widened_setter_and_a_lost_default_are_seen()
    {
        string shown = Surface.Of(typeof(Shown)), widened = Surface.Of(typeof(Widened));
        Assert.Contains("string? Text { get; init; }", shown, StringComparison.Ordinal);
        Assert.Contains("string? Text { get; set; }", widened, StringComparison.Ordinal);
        Assert.Contains("int Add(int[] values, bool twice = true)", shown, StringComparison.Ordinal);
        Assert.Contains("int Add(int[] values, bool twice)", widened, StringComparison.Ordinal);
    }

    public sealed record Shown
    {
        public string? Text { get; init; }

        internal int Hidden { get; init; }

        public int Add(int[] values, bool twice = true) => Hidden + (twice ? 2 : 1) * values.Length;
    }

    public sealed record Widened
    {
        public string? Text { get; set; }

        internal int Hidden { get; init; }

        public int Add(int[] values, bool twice) => Hidden + (twice ? 2 : 1) * values.Length;
    }
}
