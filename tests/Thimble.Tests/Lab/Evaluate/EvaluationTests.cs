using Thimble.Lab.Evaluate;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Evaluate;

public class EvaluationTests
{
    [Fact]
    public async Task A_score_comes_with_its_interval_baselines_and_hashes()
    {
        using var folder = new Questions();
        SuiteResult suite = (await Evaluation.RunAsync(null, folder.Options("mmlu"))).Suites[0];
        Assert.Equal((3, "acc"), (suite.Questions, suite.Metrics[0].Name));
        Assert.InRange(suite.Metrics[0].Value, suite.Metrics[0].Low, suite.Metrics[0].High);
        Assert.Equal(["random", "always option 1", "longest option"], suite.Baselines.Select(baseline => baseline.Name));
        Assert.Equal([0.25, 2 / 3.0, 2 / 3.0], suite.Baselines.Select(baseline => baseline.Value));
        Assert.Equal([64, 64], suite.Files.Select(file => file.Sha256.Length));
        Assert.Equal(2, Assert.Single(suite.Broken).Number);
        Assert.Equal(["algebra", "law"], suite.Groups.Select(group => group.Name).Order());
    }

    [Fact]
    public async Task A_model_keeps_all_of_its_own_score()
    {
        using var folder = new Questions();
        Retention kept = (await Evaluation.RunAsync(null, folder.Options("piqa") with { Reference = EvaluationOptions.ModelInside })).Suites[0].Kept!;
        Assert.Equal((1.0, 2), (kept.Share, kept.Pairs));
    }

    [Fact]
    public void The_share_kept_is_that_of_questions_both_answered()
    {
        var suite = (QuestionSuite)Suites.Named("piqa");
        Choice[] asked = [.. Enumerable.Range(0, 5).Select(i => new Choice($"{i}", "", [new("a", " b"), new("a", " c")], 0))];
        SuiteResult result = new Tally(suite, asked, 1).Result(Answers("10010"), Answers("1111-"), new Corpus(AppContext.BaseDirectory, ".", ""), 0);
        // The last question has no answer of the reference; of four it got four and the model two.
        Assert.Equal((1.0, 0.5, 4), (result.Kept!.Reference, result.Kept.Share, result.Kept.Pairs));
        Assert.InRange(0.5, result.Kept.Low!.Value, result.Kept.High!.Value);
        Assert.Equal(2 / 5.0, result.Metrics[0].Value);
    }

    [Fact]
    public async Task A_run_that_was_cut_goes_on_where_it_stopped()
    {
        using var folder = new Questions();
        EvaluationOptions options = folder.Options("mmlu", "piqa") with { Output = folder["result.json"] };
        await Evaluation.RunAsync(null, options);
        string journal = folder["result.answers.jsonl"], whole = File.ReadAllText(journal);
        File.Delete(folder["result.json"]);
        File.WriteAllText(journal, whole[..(whole.Length - 40)]);   // in the middle of a line
        await Assert.ThrowsAsync<ArgumentException>(() => Evaluation.RunAsync(null, options));
        await Evaluation.RunAsync(null, options with { Resume = true });
        Assert.Equal(whole, File.ReadAllText(journal));
    }

    [Fact]
    public async Task Answers_of_another_run_are_not_taken_over()
    {
        using var folder = new Questions();
        EvaluationOptions options = folder.Options("piqa") with { Output = folder["result.json"] };
        await Evaluation.RunAsync(null, options);
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Evaluation.RunAsync(null, options with { Resume = true, Limit = 1 }));
        Assert.Contains("belongs to another run", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_too_long_is_named_and_left_out()
    {
        using var folder = new Questions();
        SuiteResult suite = (await Evaluation.RunAsync(null, folder.Options("mmlu") with { Opening = new() { ContextLength = 60 } })).Suites[0];
        Assert.Contains("the context holds 60", Assert.Single(suite.Unanswered).Reason, StringComparison.Ordinal);
        Assert.Equal(2, suite.Metrics[0].Count);
    }

    /// <summary>Right for 1, wrong for 0, none for a dash.</summary>
    private static Dictionary<string, Answer> Answers(string marks) => marks.Select((mark, i) => mark == '-'
        ? new Answer($"{i}") { Fault = "too long" }
        : new Answer($"{i}") { LogLikelihoods = mark == '1' ? [-1, -2] : [-2, -1] }).ToDictionary(answer => answer.Id, StringComparer.Ordinal);

    [Fact]
    public async Task An_unknown_suite_is_refused_with_those_known()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Evaluation.RunAsync(null, new() { Suites = ["nonsense"] }));
        Assert.Contains("arc-easy", refused.Message, StringComparison.Ordinal);
    }
}

/// <summary>A data folder with a few questions.</summary>
internal sealed class Questions : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Questions()
    {
        Write("mmlu/test/algebra_test.csv", "One and one?,1,2,3,4,B\nbroken\nTwo and two?,4,2,3,1,A\n");
        Write("mmlu/test/law_test.csv", "\"Who decides, when it is said that there is nobody else, and how long does it take them to decide it, as a rule?\",the judge himself,b,c,d,A\n");
        Write("llm-adapters/piqa/test.json", $"[{Goal("open the door", "turn the key", "eat the key", 1)},{Goal("dry a shirt", "put it in water", "hang it up", 2)}]");
    }

    public string this[string name] => _folder[name];

    public EvaluationOptions Options(params string[] suites) => new() { Suites = suites, DataFolder = _folder.Path, Opening = new() { Threads = 1 } };

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }

    public void Dispose() => _folder.Dispose();

    private static string Goal(string goal, string one, string two, int right) =>
        $$"""{"instruction": "Please choose the correct solution to the question: {{goal}}\n\nSolution1: {{one}}\n\nSolution2: {{two}}\n\nAnswer format: solution1/solution2", "answer": "solution{{right}}"}""";
}
