using Thimble.Tests.Lab.Evaluate;

namespace Thimble.Tests.Cli;

public class EvalCommandTests
{
    [Fact]
    public async Task Suites_are_listed()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("eval", "--list");
        Assert.Equal(0, code);
        Assert.Contains("mmlu", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scores_stand_beside_what_needs_no_model()
    {
        using var folder = new Questions();
        (int code, string text, string notes) = await new ScriptedTerminal().Run("eval", "default", "--suite", "mmlu,piqa", "--data", folder["."], "-t", "1", "--groups");
        Assert.Equal((0, ""), (code, notes));
        Assert.Contains("mmlu: 3 of 3 questions answered", text, StringComparison.Ordinal);
        Assert.Contains("without a model: always option 1", text, StringComparison.Ordinal);
        Assert.Contains("algebra_test.csv, row 2: it has 1 cells", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_measured_is_one_line()
    {
        foreach (string[] args in (string[][])[["eval", "--suite", "mmlu", "--data", "no-such-folder"], ["eval", "--suite", "nonsense"], ["eval", "--suite", "mmlu", "--limit", "0"]])
        {
            (int code, string _, string notes) = await new ScriptedTerminal().Run(args);
            Assert.NotEqual(0, code);
            Assert.StartsWith("error: ", notes, StringComparison.Ordinal);
            Assert.Single(notes.TrimEnd().Split('\n'));
        }
    }
}
