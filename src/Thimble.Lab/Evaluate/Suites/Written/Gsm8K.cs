using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Thimble.Lab.Evaluate;

/// <summary>Grade-school word problems, solved in words and ended by a number.</summary>
/// <remarks>Source: Cobbe et al., "Training Verifiers to Solve Math Word Problems", 2021; five solved problems of its training part are shown first,
/// and the two ways to find the answer are those of lm-evaluation-harness.</remarks>
internal sealed class Gsm8K() : ExerciseSuite(
    "gsm8k", "word problems in arithmetic", "gsm8k", "test.jsonl and train.jsonl are in github.com/openai/grade-school-math.")
{
    private const int UsualShots = 5, LongestSolution = 256;

    [ModuleInitializer]
    internal static void Register() => Suites.Add(new Gsm8K());

    public override string Method => "strict: the number behind '####'; flexible: the last number; five examples unless --shots says otherwise.";

    protected override IEnumerable<(string Name, Func<Exercise, string> Answer)> Mindless =>
    [
        ("empty", _ => ""),
        ("last number of the question", exercise => Text(Numbers.Last(Own(exercise)))),
        ("product of all numbers", exercise => Text(Product(Own(exercise)))),
    ];

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        int shots = options.Shots ?? UsualShots;
        var shown = new StringBuilder();
        if (shots > 0)
        {
            foreach (Row row in data.JsonLines("train.jsonl").Take(shots))
            {
                if (row.Text("question") is { } question && row.Text("answer") is { } solution)
                    shown.Append(CultureInfo.InvariantCulture, $"Question: {question}\nAnswer: {solution}\n\n");
            }
        }

        foreach (Row row in data.JsonLines("test.jsonl"))
        {
            if (row.Text("question") is not { } question || row.Text("answer") is not { } solution)
                continue;
            if (Numbers.Marked(solution) is not { } number)
                row.Refuse("the answer has no number behind '####'");
            else
                yield return new Exercise(row.Id, "", [$"{shown}Question: {question}\nAnswer:"], Text(number), LongestSolution) { Chat = false, Stop = ["Question:", "\n\n\n"] };
        }
    }

    protected override IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer)
    {
        string reply = answer.Replies![0];
        decimal target = decimal.Parse(exercise.Target, CultureInfo.InvariantCulture);
        return [new("flexible", Numbers.Last(reply) == target ? 1 : 0), new("strict", Numbers.Marked(reply) == target ? 1 : 0)];
    }

    private static string Own(Exercise exercise) => exercise.Turns[0][exercise.Turns[0].LastIndexOf("Question:", StringComparison.Ordinal)..];

    private static decimal? Product(string question)
    {
        double product = Numbers.All(question).Aggregate(1.0, (product, number) => product * (double)number);
        return Math.Abs(product) < 1e15 ? (decimal)product : null;
    }

    private static string Text(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? "";
}
