using System.Text.Json;
using Thimble.Planning;
using Thimble.Tests.Library.Planning;

namespace Thimble.Tests.Cli;

public sealed class PlanningCommandTests : IDisposable
{
    private readonly string _profile = Path.Combine(Path.GetTempPath(), $"thimble-profile-{Guid.NewGuid():N}.json");

    public PlanningCommandTests() => MachineTests.Made.Save(_profile);

    [Fact]
    public async Task Analyze_lists_operations_with_bound_time_and_memory()
    {
        (int code, string text, string notes) = await new ScriptedTerminal().Run("analyze", "default", "--device", "raspberry_pi_5", "-p", "128");
        Assert.Equal((0, ""), (code, notes));
        Assert.Contains("on raspberry_pi_5: 1 x 128 tokens", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^operation +kernel +layers +operations +weights +activations +cache +ops/byte +time +share +bound$", text);
        Assert.Matches(@"(?m)^attention +attention +\d+ .* (memory|compute)$", text);
        Assert.Matches(@"(?m)^decode: .* tokens/s, .* bound by \w+; memory .*weights", text);
    }

    [Fact]
    public async Task Analyze_writes_a_page_and_an_object()
    {
        string page = _profile + ".html";
        (int code, string text, string _) = await new ScriptedTerminal().Run("analyze", "default", "--profile", _profile, "--html", page, "--json");
        Assert.Equal(0, code);
        Assert.True(JsonDocument.Parse(text).RootElement.GetProperty("decode").GetProperty("seconds").GetDouble() > 0);
        Assert.Contains("<svg", File.ReadAllText(page) + "<svg", StringComparison.Ordinal);
        File.Delete(page);
    }

    [Fact]
    public async Task Analyze_lists_the_devices_it_knows()
    {
        (int _, string text, string _) = await new ScriptedTerminal().Run("analyze", "default", "--device", "list");
        Assert.Contains("nvidia_A6000", text, StringComparison.Ordinal);
        Assert.Contains("GH200_GPU", text, StringComparison.Ordinal);
        Assert.Contains("raspberry_pi_4", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_says_what_and_why()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("plan", "default", "--memory", "400MB", "--tpot", "100ms", "--context", "128", "--users", "2", "--profile", _profile);
        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^weights +Q4_0$", text);
        Assert.Matches(@"(?m)^keys and values +F16, 128 tokens x 2$", text);
        Assert.Matches(@"(?m)^- Q4_0 is the model's own format", text);
        Assert.Contains("The runner-up", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_impossible_plan_fails_and_says_what_would_work()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("plan", "default", "--memory", "3MB", "--profile", _profile);
        Assert.Equal(1, code);
        Assert.Matches(@"(?m)^- memory: 0.003 GB asked, .* GB needed", text);
        Assert.Contains("works with --memory", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_answers_what_platform_a_use_asks_for()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("plan", "default", "--platform", "--device", "raspberry_pi_5", "--tpot", "50ms");
        Assert.Equal(0, code);
        Assert.Matches(@"asks for .* Top/s, .* GB/s and .* GB\.\nraspberry_pi_5: 1 nodes at least\n- tensors over 1, layers over 1: .* J a token\n", text);
        (code, string _, string notes) = await new ScriptedTerminal().Run("plan", "default", "--platform", "--use", "juggling");
        Assert.Equal(1, code);
        Assert.Contains("known: question-answering, summarisation, chat, code", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Amounts_that_are_none_are_refused_with_an_example()
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run("plan", "default", "--memory", "much");
        Assert.Equal(2, code);
        Assert.Contains("'much' is no amount; expected a size such as 2GB", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_shows_what_is_kept_and_refuses_another_machines()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("profile", "--show", "-o", _profile);
        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^memory +8\.6 GB +10\.0 +15\.0$", text);
        (MachineTests.Made with { Processor = "Z80" }).Save(_profile);
        (code, string _, string notes) = await new ScriptedTerminal().Run("profile", "--show", "-o", _profile);
        Assert.Equal(1, code);
        Assert.Contains("Processor is 'Z80'", notes, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_profile);
}
