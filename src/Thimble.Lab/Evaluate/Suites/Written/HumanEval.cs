using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Functions to write from their descriptions, judged by running tests.</summary>
/// <remarks>Source: Chen et al., "Evaluating Large Language Models Trained on Code", 2021: prompts, tests and where an answer ends are its own; one answer
/// each, always the likeliest token, so <c>pass@1</c> has no draw in it.</remarks>
internal sealed class HumanEval() : ExerciseSuite(
    "humaneval", "Python functions; needs --run-code and python3", "humaneval", "HumanEval.jsonl.gz is in github.com/openai/human-eval, data/.")
{
    private const int LongestProgram = 384;

    private static readonly string[] s_ends = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"];

    [ModuleInitializer]
    internal static void Register() => Suites.Add(new HumanEval());

    public override string Method => "pass@1: the program passes its tests, run by python3 in a process of its own without network.";

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (Row row in data.JsonLines("HumanEval.jsonl.gz"))
        {
            if (row.Text("task_id") is { } id && row.Text("prompt") is { } prompt && row.Text("test") is { } test && row.Text("entry_point") is { } entry)
                yield return new Exercise(id, "", [prompt], $"{test}\ncheck({entry})\n", LongestProgram) { Chat = false, Stop = s_ends };
        }
    }

    public override void Allow(EvaluationOptions options)
    {
        if (!options.RunCode)
            throw new ArgumentException("The suite 'humaneval' runs programs that the model writes; allow that by --run-code.", nameof(options));
        PythonRunner.Require();
    }

    public override bool Reviews(EvaluationOptions options) => true;

    public override async Task<string?> ReviewAsync(Question question, Answer answer, IJudge? judge, CancellationToken cancellation) =>
        (await PythonRunner.RunAsync(Program((Exercise)question, answer.Replies![0]), cancellation).ConfigureAwait(false)).ToString();

    /// <summary>The function as written, and its tests.</summary>
    internal static string Program(Exercise exercise, string reply) => $"{exercise.Turns[0]}{reply}\n{exercise.Target}";

    protected override IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer) => [new("pass@1", answer.Review == nameof(ProgramOutcome.Passed) ? 1 : 0)];
}
