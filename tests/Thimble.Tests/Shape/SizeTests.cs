using Xunit.Abstractions;

namespace Thimble.Tests.Shape;

public class SizeTests(ITestOutputHelper output)
{
    private const int FileLines = 400, FolderFiles = 12, MedianLines = 100;

    private static readonly string[] s_emptyNames =
        ["Common", "Core", "Helpers", "Utils", "Utilities", "Abstractions", "Interfaces", "Shared", "Misc", "Extensions"];

    public static TheoryData<string> Projects => [.. Rungs.Projects];

    private static readonly string[] s_roots = ["src", "tests", "bench", "samples"];

    [Fact]
    public void No_file_is_longer_than_a_reader_holds()
    {
        foreach (SourceFile file in s_roots.SelectMany(SourceFile.In))
            Assert.True(file.Lines <= FileLines, $"{file.Path} has {file.Lines} lines; a reader holds {FileLines}. Split it by what it is about.");
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_keeps_its_budget(string project)
    {
        int lines = SourceFile.In("src/" + project).Sum(file => file.Lines);
        output.WriteLine($"{project}: {lines} of {Rungs.Budget(project)} lines");
        Assert.True(lines <= Rungs.Budget(project), $"{project} has {lines} lines; its budget is {Rungs.Budget(project)}.");
    }

    [Fact]
    public void The_median_file_is_short()
    {
        int[] lines = [.. SourceFile.In("src").Select(file => file.Lines).Order()];
        output.WriteLine($"Of {lines.Length} files the median has {lines[lines.Length / 2]} lines, the longest {lines[^1]}.");
        Assert.True(lines[lines.Length / 2] <= MedianLines, $"The median file has {lines[lines.Length / 2]} lines; aim at 70.");
    }

    [Fact]
    public void The_thirteenth_file_of_a_folder_asks_for_a_subfolder()
    {
        foreach (IGrouping<string, SourceFile> folder in s_roots.SelectMany(SourceFile.In).GroupBy(file => Path.GetDirectoryName(file.Path)!))
            Assert.True(folder.Count() <= FolderFiles, $"{folder.Key} holds {folder.Count()} source files; {FolderFiles} are the most.");
    }

    [Fact]
    public void No_folder_has_a_name_that_says_nothing()
    {
        foreach (SourceFile file in s_roots.SelectMany(SourceFile.In))
        {
            foreach (string part in file.Path.Split('/', '.')[1..^2])
                Assert.False(s_emptyNames.Contains(part), $"{file.Path}: '{part}' says nothing about what lies there.");
        }
    }
}
