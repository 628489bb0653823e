using System.Diagnostics;
using System.Text.RegularExpressions;
using Thimble.Tests.Models;
using Xunit.Abstractions;

namespace Thimble.Tests.Server;

/// <summary>The page in a real Chromium, which <c>tests/page/page.mjs</c> drives.</summary>
public partial class ChatPageTests(ITestOutputHelper output)
{
    private const int Checks = 15, PictureChecks = 7;

    [PageFact(Checks), Trait("Speed", "Slow")]
    public async Task People_can_do_on_the_page_what_it_is_for()
    {
        using var folder = new TemporaryFolder();
        await using var server = new RunningServer(options => (options.Page, options.Folder) = (true, folder.Path));
        await DriveAsync(Checks, "page.mjs", server);
    }

    [PageFact(PictureChecks), Trait("Speed", "Slow")]
    public async Task People_can_show_pictures_to_a_model_that_sees()
    {
        await using var server = new RunningServer(options =>
        {
            SeeingServer.Serve(options);
            options.Page = true;
        });
        await DriveAsync(PictureChecks, "pictures.mjs", server, Golden.Path("vision/13x40.png"));
    }

    /// <summary>Lets a script drive the page; each of its checks must pass.</summary>
    private async Task DriveAsync(int checks, string script, RunningServer server, params string[] more)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [script, server.Address.GetLeftPart(UriPartial.Authority), .. more])
        {
            WorkingDirectory = PageFactAttribute.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> said = node.StandardOutput.ReadToEndAsync(), failed = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        output.WriteLine(await said + await failed);
        Assert.Equal("", await failed);
        Assert.DoesNotContain("FAIL", await said, StringComparison.Ordinal);
        Assert.Equal(checks, Passed().Count(await said));
    }

    [GeneratedRegex("^ok ", RegexOptions.Multiline)]
    private static partial Regex Passed();
}

/// <summary>A test of the page, which needs Node.js, a Chromium and two packages: <c>npm ci</c> in <c>tests/page</c>.</summary>
internal sealed class PageFactAttribute : FactAttribute
{
    /// <param name="cases">Checks left out where something is absent.</param>
    public PageFactAttribute(int cases)
    {
        string? missing = !HasProgram("node") ? "there is no Node"
            : !File.Exists(Browser) ? $"there is no Chromium at '{Browser}', nor does CHROMIUM name one"
            : !Directory.Exists(Path.Combine(Folder, "node_modules", "playwright-core")) ? "'npm ci' in tests/page brings 'playwright-core' and 'axe-core'"
            : null;
        if (missing is not null)
            Skip = $"{cases} cases left out: {missing}.";
    }

    /// <summary>Where the checks are.</summary>
    public static string Folder => Path.Combine(Golden.Root, "tests", "page");

    private static string Browser => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";

    private static bool HasProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name)));
}
