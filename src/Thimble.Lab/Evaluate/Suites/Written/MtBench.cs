using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>Eighty conversations of two questions in eight fields. A judge rates the answers from 1 to 10; without one the transcripts are written.</summary>
/// <remarks>Source: Zheng et al., "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", 2023, single-answer grading; the words of the prompt are ours,
/// the mark <c>[[rating]]</c> is its.</remarks>
internal sealed partial class MtBench() : ExerciseSuite(
    "mt-bench", "80 conversations of two turns; rated with --judge or --judgements", "mt-bench",
    "question.jsonl and gpt-4.jsonl are in github.com/lm-sys/FastChat, fastchat/llm_judge/data/mt_bench/.")
{
    private const int LongestReply = 1024;


    [ModuleInitializer]
    internal static void Register() => Suites.Add(new MtBench());

    public override string Method => "rating: the judge's 1 to 10 over ten, mean of both turns; answered: both answers hold words.";

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (Row row in data.JsonLines("question.jsonl"))
        {
            if (row.Text("category") is { } category && row.Texts("turns") is { } turns && row.Fields.TryGetProperty("question_id", out var id))
                yield return new Exercise(id.ToString(), category, turns, "", LongestReply);
        }
    }

    public override bool Reviews(EvaluationOptions options) => options.Judge is not null || options.Judgements is not null;

    public override Task<string?> ReviewAsync(Question question, Answer answer, IJudge? judge, CancellationToken cancellation) =>
        judge!.JudgeAsync($"mt-bench/{question.Id}", Prompt((Exercise)question, answer), cancellation);

    protected override IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer)
    {
        Grade answered = new("answered", Array.TrueForAll(answer.Replies!, reply => reply.Any(char.IsLetterOrDigit)) ? 1 : 0);
        double[] ratings = [.. Rating().Matches(answer.Review ?? "").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Where(value => value is >= 1 and <= 10)];
        return ratings.Length > 0 ? [new("rating", ratings.Average() / 10), answered] : [answered];
    }

    private static string Prompt(Exercise exercise, Answer answer)
    {
        IEnumerable<string> conversation = exercise.Turns.Zip(answer.Replies!, (turn, reply) => $"### User:\n{turn}\n\n### Assistant:\n{reply}");
        return $"""
            You are an impartial judge. Below is a conversation of a user with an assistant. Judge how helpful, relevant, correct, deep and detailed the
            assistant's answers are; length alone is no merit. Explain briefly first. Then rate each of its {exercise.Turns.Count} answers from 1 to 10, each on
            a line of its own, in exactly this form: [[rating]], for example [[5]].

            {string.Join("\n\n", conversation)}

            ### Judgement:
            """;
    }

    [GeneratedRegex(@"\[\[(\d+(?:\.\d+)?)\]\]")]
    private static partial Regex Rating();
}
