namespace Thimble.Tests.Cli;

/// <summary><c>thimble activity</c>.</summary>
public class ActivityCommandTests
{
    private static readonly string s_model = Golden.Path("stories260K/stories260K.bin"), s_text = Golden.Path("stories-text/stories.txt");

    [Fact]
    public async Task What_is_at_work_is_told()
    {
        (int code, string said, string notes) = await new ScriptedTerminal().Run("activity", s_model, "--text", s_text, "-c", "48", "--chunks", "2", "--exit", "2", "-t", "1");
        Assert.True(code == 0, notes);
        foreach (string line in (string[])["96 tokens read, perplexity", "weights a token meets: 1.0 MB", "at nothing inside feed-forward blocks: 0.0 %", "exit behind layer 2: as the whole model in"])
            Assert.Contains(line, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--exit", "9", "expected 1 to 4")]
    [InlineData("-c", "100000", "a window takes 100000")]
    [InlineData("--heads", "none.safetensors", "none.safetensors")]
    public async Task What_cannot_be_is_refused(string option, string value, string complaint)
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run("activity", s_model, "--text", s_text, "--chunks", "1", option, value);
        Assert.NotEqual(0, code);
        Assert.Contains(complaint, notes, StringComparison.Ordinal);
    }
}
