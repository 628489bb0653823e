using System.Text.RegularExpressions;

namespace Thimble.Tests.Shape;

public partial class LawTests
{
    private static readonly string[] s_machinePaths = ["/work/", "/root/", "/tmp/", "/home/", @"C:\\Users"];

    /// <summary>Each list that files add themselves to, and the folder those files lie in.</summary>
    public static TheoryData<string, string> Lists => new()
    {
        { "Architectures.Add", "src/Thimble.Models/Architectures/" },
        { "BlockFormats.Add", "src/Thimble.Compute/Formats/" },
        { "Multipliers.Add", "src/Thimble.Compute/Kernels/" },
        { "Tokenizers.Add", "src/Thimble.Models/Tokens/Kinds/" },
        { "PreTokenizers.Add", "src/Thimble.Models/Tokens/Splitting/" },
        { "ModelFiles.Add", "src/Thimble.Models/Files/" },
        { "SamplerSteps.Add", "src/Thimble/Sampling/Steps/" },
        { "Commands.Add", "src/Thimble.Cli/Commands/" },
        { "Routes.Add", "src/Thimble.Server/" },
    };

    [Theory, MemberData(nameof(Lists))]
    public void Only_a_file_of_its_folder_adds_itself(string list, string folder)
    {
        var call = new Regex($@"\b{Regex.Escape(list)}\w*\s*[<(]");
        foreach (SourceFile file in SourceFile.In("src").Where(file => call.IsMatch(file.Code)))
        {
            Assert.True(file.Path.StartsWith(folder, StringComparison.Ordinal), $"{file.Path} calls {list}; only files of {folder} may.");
            Assert.True(file.Code.Contains("[ModuleInitializer]", StringComparison.Ordinal), $"{file.Path} calls {list}, but not when its assembly loads.");
        }
    }

    [Fact]
    public void Only_Compute_leaves_safe_code()
    {
        foreach (SourceFile file in SourceFile.In("src").Where(file => file.Project != "Thimble.Compute"))
            Assert.False(Unsafe().IsMatch(file.Code), $"{file.Path} uses '{Unsafe().Match(file.Code).Value}'; that lives in Thimble.Compute.");
    }

    [Fact]
    public void Only_Compute_may_leave_safe_code()
    {
        foreach (string project in Rungs.Projects.Where(project => project != "Thimble.Compute"))
            Assert.DoesNotContain("AllowUnsafeBlocks", File.ReadAllText(Path.Combine(Golden.Root, "src", project, project + ".csproj")), StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on()
    {
        string[] folders = ["src", "bench", "samples", "docs", "api", "models"];
        IEnumerable<SourceFile> top = Directory.EnumerateFiles(Golden.Root).Where(path => Path.GetFileName(path) != ".git")
            .Select(path => new SourceFile(Path.GetFileName(path), File.ReadAllText(path)));
        foreach (SourceFile file in folders.SelectMany(SourceFile.All).Concat(top).Where(file => !file.Path.EndsWith(".gguf", StringComparison.Ordinal)))
        {
            string? machine = s_machinePaths.FirstOrDefault(path => file.Text.Contains(path, StringComparison.Ordinal));
            Assert.True(machine is null, $"{file.Path} names a path of one machine, '{machine}'.");
        }
    }

    [GeneratedRegex(@"\bunsafe\b|\bUnsafe\.|System\.Runtime\.Intrinsics|\b(Dll|Library)Import\b|\bstackalloc\s+\w+\s*\*|\bNativeMemory\b")]
    private static partial Regex Unsafe();
}
