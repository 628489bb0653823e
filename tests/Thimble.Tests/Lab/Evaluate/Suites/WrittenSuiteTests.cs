using Thimble.Lab.Evaluate;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Evaluate;

public class WrittenSuiteTests
{
    [Theory]
    [InlineData("He has 3 + 4 = 7. #### 7", 1, 1)]
    [InlineData("So the answer is $1,234.", 0, 0)]
    [InlineData("#### 8 no, it is 7", 1, 0)]
    [InlineData("", 0, 0)]
    public void A_sum_is_found_behind_the_mark_or_at_the_end(string reply, double flexible, double strict)
    {
        IReadOnlyList<Grade> grades = Suite("gsm8k").Mark(new Exercise("1", "", ["Question: x"], "7", 1), new("1") { Replies = [reply] });
        Assert.Equal([flexible, strict], grades.Select(grade => grade.Value));
    }

    [Theory]
    [InlineData("#### 1,234", 1234)]
    [InlineData("it costs $5.50.", 5.5)]
    [InlineData("-3 degrees", -3)]
    public void Numbers_are_read_as_people_write_them(string text, double value) => Assert.Equal((decimal)value, Numbers.Marked(text) ?? Numbers.Last(text));

    [Fact]
    public void Options_are_found_as_they_are_listed()
    {
        using var folder = new Questions();
        folder.Write("bbh/navigate.json", """{"examples": [{"input": "Back?\nOptions:\n- Yes\n- No", "target": "No"}, {"input": "Which?\nOptions:\n(A) one\n(B) two\n(C) three", "target": "(B)"}, {"input": "None.", "target": "(A)"}]}""");
        Corpus data = Suite("bbh").Open(folder["."]);
        Choice[] choices = [.. Suite("bbh").Read(data, CorpusTests.Options()).Cast<Choice>()];
        Assert.Equal([" Yes", " No"], choices[0].Options.Select(option => option.Text));
        Assert.Equal([" (A)", " (B)", " (C)"], choices[1].Options.Select(option => option.Text));
        Assert.Equal([1, 1], choices.Select(choice => choice.Answer));
        Assert.Contains("not listed", Assert.Single(data.Broken).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_are_run_only_where_that_is_allowed()
    {
        using var folder = new Questions();
        folder.Write("humaneval/HumanEval.jsonl.gz", "");
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Evaluation.RunAsync(null, folder.Options("humaneval")));
        Assert.Contains("--run-code", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recorded_judge_rates_conversations()
    {
        using var folder = new Questions();
        folder.Write("mt-bench/question.jsonl", "{\"question_id\": 81, \"category\": \"writing\", \"turns\": [\"Tell a story.\", \"Go on.\"]}\n");
        folder.Write("said.jsonl", "{\"id\": \"mt-bench/81\", \"text\": \"Good. [[7]] Then worse: [[4]]\"}\n");
        SuiteResult suite = (await Evaluation.RunAsync(null, folder.Options("mt-bench") with { Judgements = folder["said.jsonl"], Output = folder["r.json"] })).Suites[0];
        Assert.Equal(("rating", 0.55), (suite.Metrics[0].Name, Math.Round(suite.Metrics[0].Value, 9)));
        Assert.Contains("\"replies\":[\"", File.ReadAllText(folder["r.answers.jsonl"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_judgement_without_text_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["said.jsonl"], "{\"id\": \"a\", \"text\": \"b\"}\n{\"id\": \"a\"}\n");
        string message = Assert.Throws<InvalidDataException>(() => new RecordedJudge(folder["said.jsonl"])).Message;
        Assert.Contains("line 2: the text 'text' is missing", message, StringComparison.Ordinal);
    }

    private static QuestionSuite Suite(string name) => (QuestionSuite)Thimble.Lab.Evaluate.Suites.Named(name);
}
