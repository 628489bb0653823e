namespace Thimble.Tests.Cli;

public class ReadingTests
{
    private static string Text => Golden.Path("stories-text/stories.txt");

    [Fact]
    public async Task Perplexity_is_one_line()
    {
        (int code, string text, string notes) = await new ScriptedTerminal().Run("perplexity", "default", "--text", Text, "-c", "64", "--chunks", "2", "-t", "1");
        Assert.Equal((0, ""), (code, notes));
        Assert.Matches(@"^perplexity \d+\.\d{4} \+/- \d+\.\d{4} \(62 tokens scored in 2 windows\)\s*$", text);
    }

    [Fact]
    public async Task An_importance_matrix_is_gathered_and_used()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string text, string _) = await new ScriptedTerminal().Run("imatrix", "default", "-f", Text, "-c", "64", "--chunks", "1", "-o", folder["i.gguf"]);
        Assert.Equal(0, code);
        Assert.Contains("43 tensors, one window of 64 tokens", text, StringComparison.Ordinal);
        string stories = Path.Combine(Golden.Root, "models", "tinystories.gguf");
        (int used, string _, string notes) = await new ScriptedTerminal().Run(
            "quantize", stories, folder["q.gguf"], "Q4_1", "--imatrix", folder["i.gguf"], "--allow-requantize");
        Assert.Equal(0, used);
        Assert.Contains("so it is stored as Q8_0; the importance matrix says nothing of it", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_that_cannot_be_read_are_refused()
    {
        string[][] refused =
        [
            ["perplexity", "default", "--text", "no-such-text.txt"], ["perplexity", "default", "--text", Text, "-c", "4"],
            ["perplexity", "default", "--text", Text, "-c", "100000"], ["imatrix", "default", "--text", Text, "--chunks", "0"], ["imatrix", "default"],
        ];
        foreach (string[] args in refused)
        {
            (int code, string _, string notes) = await new ScriptedTerminal().Run(args);
            Assert.NotEqual(0, code);
            Assert.StartsWith("error: ", notes, StringComparison.Ordinal);
        }
    }
}
