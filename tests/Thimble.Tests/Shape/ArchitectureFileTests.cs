using Xunit.Abstractions;

namespace Thimble.Tests.Shape;

/// <summary>An architecture is a description: short, and nothing in it is copied from another.</summary>
public class ArchitectureFileTests(ITestOutputHelper output)
{
    private const int MedianLines = 60, Run = 6;

    [Fact]
    public void The_median_architecture_takes_few_lines()
    {
        int[] lines = [.. Files().Select(file => file.Lines).Order()];
        output.WriteLine($"Of {lines.Length} files the median has {lines[lines.Length / 2]} lines, the longest {lines[^1]}.");
        Assert.InRange(lines[lines.Length / 2], 1, MedianLines - 1);
    }

    [Fact]
    public void No_six_lines_in_a_row_stand_in_two_architectures()
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SourceFile file in Files())
        {
            string[] lines = [.. file.Text.Split('\n').Select(line => line.Trim()).Where(Counts)];
            for (int i = 0; i + Run <= lines.Length; i++)
            {
                string run = string.Join('\n', lines[i..(i + Run)]);
                if (!seen.TryAdd(run, file.Path))
                    Assert.True(seen[run] == file.Path, $"{file.Path} and {seen[run]} both have\n{run}");
            }
        }
    }

    private static IEnumerable<SourceFile> Files() => SourceFile.In("src/Thimble.Models/Architectures")
        .Where(file => !file.Path.Contains("/Parts/", StringComparison.Ordinal) && file.Path.Count(letter => letter == '/') > 3);

    private static bool Counts(string line) => line is not ("" or "{" or "}" or "};" or "});")
        && !line.StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("using ", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal);
}
