namespace Thimble.Tests.Cli;

public class RefusalTests
{
    [Theory]
    [InlineData(2, "'x' is no number", "run", "hi", "--temp", "x")]
    [InlineData(2, "--top-p: TopP is 2; expected a number from 0 to 1", "run", "hi", "--top-p", "2")]
    [InlineData(2, "-n", "run", "hi", "-n")]
    [InlineData(2, "--n-predict: 0 is too small", "run", "hi", "-n", "0")]
    [InlineData(2, "'15-x' is no bias", "run", "hi", "-l", "15-x")]
    [InlineData(2, "--mirostat: Version '1' is unknown; known: 0 (off), 2", "run", "hi", "--mirostat", "1")]
    [InlineData(2, "known: F16, BF16, F32, Q8_0, Q4_0", "run", "hi", "-ctk", "q9_0")]
    [InlineData(2, "There is no option '--no-such'", "run", "hi", "--no-such")]
    [InlineData(2, "There is no option '-x'", "tokenize", "-x")]
    [InlineData(2, "'ple-c3M-s0' has none", "run", "hi", "--system", "be nice")]
    [InlineData(2, "--format-after: there is no format that could begin there", "run", "hi", "--format-after", "x")]
    [InlineData(2, "--format: The schema is no JSON", "run", "hi", "--format", "xml")]
    [InlineData(2, "Required command was not provided", "tokenizer")]
    [InlineData(1, "Recipe 'none.yaml' is not there", "tokenizer", "train", "none.yaml")]
    [InlineData(2, "There is no prompt", "run")]
    [InlineData(2, "There is no text", "tokenize")]
    [InlineData(2, "There is no command 'rnu'; known: run, serve, key, pull", "rnu")]
    [InlineData(2, "Shell 'tcsh' is unknown; known: bash", "completion", "tcsh")]
    [InlineData(2, "Required argument missing", "quantize", "a.gguf")]
    [InlineData(2, "is the model inside this program", "quantize", "default", "b.gguf", "Q8_0")]
    [InlineData(2, "--n-gen: GeneratedTokens is 0; expected 1 or more", "bench", "default", "-n", "0")]
    [InlineData(2, "--n-depth: Depth is -1; expected 0 or more", "bench", "default", "-d", "-1")]
    [InlineData(2, "A depth of 99999 and 512 tokens more need a context of 100511", "bench", "default", "-d", "99999")]
    [InlineData(2, "Required argument missing", "bench")]
    [InlineData(1, "There is no model, file or folder 'none.gguf'", "bench", "none.gguf")]
    [InlineData(1, "There is no model, file or folder 'none.gguf'", "run", "none.gguf", "hi")]
    [InlineData(1, "There is no model, file or folder 'qwen3-0.6b'", "run", "qwen3-0.6b", "hi")]
    [InlineData(1, "There is no model, file or folder 'nowhere'", "show", "nowhere")]
    [InlineData(1, "has no chat template", "show", "--template")]
    public async Task Is_one_line_and_an_exit_code(int code, string said, params string[] args)
    {
        (int got, string output, string notes) = await new ScriptedTerminal().Run(args);
        Assert.Equal((code, ""), (got, output));
        Assert.StartsWith("error: ", notes, StringComparison.Ordinal);
        Assert.Contains(said, notes, StringComparison.Ordinal);
        Assert.Equal(notes.Length - 1, notes.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_prompt_over_the_context_is_never_cut()
    {
        (int code, string output, string notes) = await new ScriptedTerminal().Run("run", "-c", "8", "one two three four five six seven eight nine ten");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("the context holds 8", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_not_taken_for_a_model()
    {
        using var folder = new Models.TemporaryFolder();
        folder.Write("a.gguf", [1]);
        (int code, string _, string notes) = await new ScriptedTerminal().Run("run", folder[""], "hi");
        Assert.Equal(1, code);
        Assert.Contains("is a folder; name the file in it", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_mistyped_gets_the_near_ones()
    {
        using var folder = new Models.TemporaryFolder();
        folder.Write("qwen3-0.6b-q4_0.gguf", [1]);
        foreach (string name in (string[])["qwen3-0.6b", "qwen3-0.6b-q5_0", "qwen3"])
        {
            using var terminal = new ScriptedTerminal { Models = folder[""] };
            (int code, string _, string notes) = await terminal.Run("run", name, "hi");
            Assert.Equal(1, code);
            Assert.Contains("Did you mean 'qwen3-0.6b-q4_0'?", notes, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_it_came_from_is_told_on_request()
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run("show", "nowhere", "--debug");
        Assert.Equal(1, code);
        Assert.Contains("   at Thimble.Cli.", notes, StringComparison.Ordinal);
    }
}
