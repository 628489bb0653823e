namespace Thimble.Tests.Cli;

public class InteractiveTests
{
    private static readonly string[] s_short = ["-n", "5", "--temp", "0", "-t", "1"];

    [Fact]
    public async Task A_story_goes_on_from_what_is_typed()
    {
        string text = await Talk(t => t.Type("Once upon\n").Type("Then the dog\n").Type("/bye\n"));
        Assert.Contains(" a time", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("\n\n").Length - 1);
    }

    [Fact]
    public async Task Three_quotation_marks_hold_several_lines()
    {
        using var folder = new Models.TemporaryFolder();
        await Talk(t => t.Type("\"\"\"One\ntwo\"\"\"\n").Type("\"\"\"three\"\"\"\n").Type($"/save {folder["c.json"]}\n"), folder);
        string saved = File.ReadAllText(folder["c.json"]);
        Assert.Contains("One\\ntwo", saved, StringComparison.Ordinal);
        Assert.Contains("three", saved, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_is_saved_loaded_and_cleared()
    {
        using var folder = new Models.TemporaryFolder();
        string first = await Talk(t => t.Type("Once upon\n").Type($"/save {folder["c.json"]}\n").Type("/clear\n").Type($"/save {folder["d.json"]}\n"), folder);
        Assert.Contains("Saved 2 turns", first, StringComparison.Ordinal);
        Assert.Contains("Saved 0 turns", first, StringComparison.Ordinal);
        string second = await Talk(t => t.Type($"/load {folder["c.json"]}\n").Type("and\n").Type($"/load {folder["none.json"]}\n"), folder);
        Assert.Contains("Loaded 2 turns", second, StringComparison.Ordinal);
        Assert.Contains("error: ", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_are_set_and_shown()
    {
        string text = await Talk(t => t
            .Type("/show parameters\n").Type("/set parameter top_k 3\n").Type("/set seed 5\n").Type("/set parameter top_p 2\n").Type("/set parameter num_ctx 9\n")
            .Type("/set parameter nope 1\n").Type("/set verbose\n").Type("Once\n"));
        Assert.Contains("Set parameter 'top_k' to '3'", text, StringComparison.Ordinal);
        Assert.Contains("Set parameter 'seed' to '5'", text, StringComparison.Ordinal);
        Assert.Contains("error: top_p: TopP is 2", text, StringComparison.Ordinal);
        Assert.Contains("run again with --ctx-size", text, StringComparison.Ordinal);
        Assert.Contains("Parameter 'nope' is unknown; known: num_predict", text, StringComparison.Ordinal);
        Assert.Matches("seed: +5", text);
    }

    [Fact]
    public async Task Questions_about_the_model_are_answered()
    {
        string text = await Talk(t => t
            .Type("/show info\n").Type("/show template\n").Type("/show license\n").Type("/show system\n").Type("/set system be nice\n").Type("/?\n").Type("/nope\n").Type("/show nope\n"));
        foreach (string part in (string[])["ple-c3M-s0", "The model has no chat template", "the file does not say", "The model was told nothing", "has none", "/set parameter NAME VALUE", "There is no command '/nope'", "'/show nope' is unknown"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_stops_the_reply_and_twice_the_program()
    {
        using var terminal = new ScriptedTerminal(typed: true);
        terminal.Type("Once upon a time\n").Control('C').Control('C').Type("/never read\n");
        terminal.InterruptAfter = 24;   // each typed key flushes once
        (int code, string text, string _) = await terminal.Run("run", "-t", "1", "--ignore-eos");
        Assert.Equal(0, code);
        Assert.Contains(" …", text, StringComparison.Ordinal);
        Assert.Contains("Press Ctrl+C again", text, StringComparison.Ordinal);
        Assert.DoesNotContain("never", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_context_is_said_and_does_not_end_it()
    {
        using var terminal = new ScriptedTerminal(typed: true);
        terminal.Type("Once upon a time\n").Type("and then there was much more to tell than fits\n").Type("/clear\n").Type("One\n");
        (int code, string text, string _) = await terminal.Run("run", "-t", "1", "-c", "12", "--temp", "0");
        Assert.Equal(0, code);
        Assert.Contains("The context of 12 tokens is full", text, StringComparison.Ordinal);
        Assert.Contains("/clear starts anew", text, StringComparison.Ordinal);
        Assert.Contains("Cleared.", text, StringComparison.Ordinal);
    }

    private static async Task<string> Talk(Action<ScriptedTerminal> typing, Models.TemporaryFolder? folder = null)
    {
        using ScriptedTerminal terminal = folder is null ? new(typed: true) : new(typed: true) { Models = folder[""] };
        typing(terminal);
        (int code, string text, string _) = await terminal.Run(["run", .. s_short]);
        Assert.Equal(0, code);
        return text;
    }
}
