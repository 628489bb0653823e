using System.Text.Json;

namespace Thimble.Tests.Cli;

public class RunCommandTests
{
    private static readonly string[] s_short = ["-n", "6", "--temp", "0", "-t", "1"];

    [Fact]
    public async Task Words_are_continued_by_the_model_inside()
    {
        (int code, string text, string notes) = await new ScriptedTerminal().Run(["run", "Once upon a time", .. s_short]);
        Assert.Equal((0, ""), (code, notes));
        Assert.StartsWith("Once upon a time, there", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piped_text_stands_before_the_words()
    {
        (int _, string piped, string _) = await new ScriptedTerminal("Once upon\n").Run(["run", .. s_short]);
        Assert.StartsWith("Once upon a time", piped, StringComparison.Ordinal);
        (int _, string both, string _) = await new ScriptedTerminal("A tale.\n").Run(["run", "It begins", .. s_short]);
        Assert.StartsWith("A tale.\n\nIt begins", both, StringComparison.Ordinal);
        (int _, string bare, string _) = await new ScriptedTerminal().Run(["run", "Once upon", "--no-display-prompt", .. s_short]);
        Assert.StartsWith(" a time", bare, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_is_told_that_it_is_no_assistant()
    {
        using var terminal = new ScriptedTerminal { NotesShown = true };
        (int _, string _, string notes) = await terminal.Run(["run", "Hi", .. s_short]);
        Assert.Contains("is no assistant", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_outcome_is_one_object_if_asked_for()
    {
        (int _, string text, string _) = await new ScriptedTerminal().Run(["run", "Once", "upon", "--json", "-s", "7", .. s_short]);
        JsonElement outcome = JsonDocument.Parse(text).RootElement;
        Assert.Equal("Once upon", outcome.GetProperty("prompt").GetString());
        Assert.Equal(("length", 7ul), (outcome.GetProperty("finish_reason").GetString(), outcome.GetProperty("seed").GetUInt64()));
        Assert.Equal(6, outcome.GetProperty("timings").GetProperty("generated_tokens").GetInt32());
    }

    [Fact]
    public async Task A_format_is_kept_from_where_it_begins()
    {
        string[] bare = ["--no-display-prompt", "--temp", "0", "-t", "1"];
        (int _, string chosen, string _) = await new ScriptedTerminal().Run(["run", "Once", "--choice", "red", "--choice", "green", .. bare]);
        Assert.Contains(chosen.Trim(), (string[])["red", "green"]);
        (int _, string json, string _) = await new ScriptedTerminal().Run(["run", "Once", "--format", """{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}""", .. bare]);
        Assert.Matches("""^\s*\{\s*"a"\s*:\s*(true|false)\s*\}\s*$""", json);
        (int _, string behind, string _) = await new ScriptedTerminal().Run(["run", "Once upon a time", "--regex", "42", "--format-trigger", "there", .. bare]);
        Assert.Matches("there42\n$", behind);
    }

    [Fact]
    public async Task Timings_go_to_the_notes()
    {
        (int _, string _, string notes) = await new ScriptedTerminal().Run(["run", "Once", "--verbose", .. s_short]);
        foreach (string line in (string[])["load:", "first token:", "prompt:", "generated:", "read per token:", "seed:"])
            Assert.Contains(line, notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_named_by_path_or_by_name()
    {
        using var folder = new Models.TemporaryFolder();
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), folder["tales.gguf"]);
        foreach (string model in (string[])["default", "tales", "tales.gguf", folder["tales.gguf"]])
        {
            using var terminal = new ScriptedTerminal { Models = folder[""] };
            (int code, string text, string _) = await terminal.Run(["run", model, "Once upon", .. s_short]);
            Assert.Equal(0, code);
            Assert.StartsWith("Once upon a time", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Samplers_and_stops_are_obeyed()
    {
        (int _, string stopped, string _) = await new ScriptedTerminal().Run(["run", "Once upon a time", "--stop", "xyz", "--stop", " there", .. s_short]);
        Assert.Equal("Once upon a time,\n", stopped);
        (int _, string barred, string _) = await new ScriptedTerminal().Run(
            ["run", "Once upon a", "--dry-multiplier", "0.8", "--xtc-probability", "0", "--mirostat", "0", "--logit-bias", "405-inf", "--logit-bias", "4000+0.5", .. s_short]);
        Assert.DoesNotContain(" time", barred, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_with_130()
    {
        using var terminal = new ScriptedTerminal { InterruptAfter = 4 };
        (int code, string text, string _) = await terminal.Run("run", "Once upon a time", "--ignore-eos", "-t", "1");
        Assert.Equal(130, code);
        Assert.InRange(text.Length, 17, 1000);
    }
}
