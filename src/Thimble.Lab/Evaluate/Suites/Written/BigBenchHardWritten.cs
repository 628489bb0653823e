using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>The four tasks of BIG-Bench Hard whose answers are open: brackets to close, sums, things to count, words to sort.</summary>
/// <remarks>Source: as <see cref="BigBenchHard"/>.</remarks>
internal sealed class BigBenchHardWritten() : ExerciseSuite("bbh-written", "4 reasoning tasks with open answers", "bbh", BigBenchHard.Origin)
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new BigBenchHardWritten());

    public override string Method => "exact: the first line written is the answer, but for white space; no examples and no reasoning.";

    protected override IEnumerable<(string Name, Func<Exercise, string> Answer)> Mindless => [("empty", _ => ""), ("last word of the question", LastWord)];

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (string task in BigBenchHard.Written)
        {
            foreach (Row row in data.Json(task + ".json", "examples"))
            {
                if (row.Text("input") is { } input && row.Text("target") is { } target)
                    yield return new Exercise(row.Id, task, [$"Q: {input}\nA:"], target.Trim(), 96) { Chat = false, Stop = ["\n"] };
            }
        }
    }

    protected override IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer) =>
        [new("exact", Words(answer.Replies![0]).SequenceEqual(Words(exercise.Target)) ? 1 : 0)];

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string LastWord(Exercise exercise) => Words(exercise.Turns[0]) is { Length: > 1 } words ? words[^2] : "";
}
