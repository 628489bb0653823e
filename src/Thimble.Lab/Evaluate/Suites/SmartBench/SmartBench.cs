using System.Runtime.CompilerServices;
using System.Text.Json;
using Thimble.Compute;

namespace Thimble.Lab.Evaluate;

/// <summary>What a phone's assistant is asked in Chinese: 20 tasks, 2,973 items. Thirteen tasks, 1,852 items, are graded by rule; the other seven, which
/// create text, need a judge.</summary>
/// <remarks>The paper lets a large model grade all. Rules cost nothing, give the same grade twice, and can be checked; where an answer has one right form
/// (an order, a list of facts, a correction, a passage of the document) they say as much. With <c>--judge</c> or <c>--judgements</c> the paper's own rubrics
/// are put to a judge as well. The share of a larger format's score that a smaller one keeps, the paper's second study, is what <c>--reference</c> prints for
/// each task.</remarks>
[Technique("SmartBench", "Lu et al., SmartBench: Is Your LLM Truly a Good Chinese Smartphone Assistant?, 2025, sections 3 and 4")]
internal sealed class SmartBench() : ExerciseSuite(
    "smartbench", "Chinese phone assistant, 20 tasks; 7 of them need a judge", "smartbench",
    "The task files and all_eval_prompt.json are in github.com/vivo-ai-lab/SmartBench, data/.")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new SmartBench());

    public override string Method => "score: by rule, each task its own; judge: the paper's rubric over ten. Seven tasks that create text are asked only with a judge.";

    protected override IEnumerable<(string Name, Func<Exercise, string> Answer)> Mindless =>
    [
        ("empty", _ => ""),
        ("echo", exercise => Of(exercise).Body(exercise.Turns[0])),
        ("first three sentences", exercise => string.Concat(Sentences.Of(Of(exercise).Body(exercise.Turns[0])).Take(3))),
        ("best sentence by BM25", exercise => Sentences.Best(Of(exercise).Body(exercise.Turns[0]), Of(exercise).Query(exercise.Turns[0]))),
        ("reference answer", exercise => exercise.Target),
    ];

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        bool judged = Reviews(options);
        Dictionary<string, string> rubrics = judged ? Rubrics(data) : [];
        foreach (SmartTask task in SmartTask.All.Where(task => judged || task.Grade is not null))
        {
            foreach (Row row in data.JsonLines(task.Name + ".json"))
            {
                if (row.Text("inputs") is { } input && row.Text("targets") is { } target)
                    yield return new Exercise(row.Id, task.Name, [input], target, task.MaxTokens) { Rubric = rubrics.GetValueOrDefault(task.Name) };
            }
        }
    }

    public override bool Reviews(EvaluationOptions options) => options.Judge is not null || options.Judgements is not null;

    public override Task<string?> ReviewAsync(Question question, Answer answer, IJudge? judge, CancellationToken cancellation)
    {
        var exercise = (Exercise)question;
        if (exercise.Rubric is not { } rubric)
            return Task.FromResult<string?>(null);
        string prompt = rubric
            .Replace("specific_task", exercise.Turns[0], StringComparison.Ordinal)
            .Replace("refer_answer", exercise.Target, StringComparison.Ordinal)
            .Replace("ai_answer", answer.Replies![0], StringComparison.Ordinal);
        return judge!.JudgeAsync($"smartbench/{question.Id}", prompt, cancellation);
    }

    protected override IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer)
    {
        SmartTask task = Of(exercise);
        List<Grade> grades = [.. task.Grade?.Invoke(exercise, answer.Replies![0]) ?? []];
        if (Verdict.Of(answer.Review) is { } verdict)
            grades.Add(new("judge", verdict));
        else if (task.Grade is null)
            grades.Add(new("judge", 0));   // a judge that says nothing usable has found nothing good
        return grades;
    }

    private static SmartTask Of(Exercise exercise) => SmartTask.Named(exercise.Group);

    private static Dictionary<string, string> Rubrics(Corpus data)
    {
        using var document = JsonDocument.Parse(data.Text("all_eval_prompt.json"));
        return document.RootElement.EnumerateObject().ToDictionary(rubric => rubric.Name, rubric => rubric.Value.GetString()!, StringComparer.Ordinal);
    }
}
