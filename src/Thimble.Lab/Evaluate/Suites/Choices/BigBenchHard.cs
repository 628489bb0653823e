using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>The tasks of BIG-Bench that models found hard and that have a closed set of answers: 23 of 27.</summary>
/// <remarks>Source: Suzgun et al., "Challenging BIG-Bench Tasks and Whether Chain-of-Thought Can Solve Them", 2022. Its authors let the model write;
/// here the likeliest answer counts, without examples.</remarks>
internal sealed partial class BigBenchHard() : ChoiceSuite("bbh", "23 reasoning tasks with a closed set of answers", "bbh", Origin)
{
    internal const string Origin = "BIG-Bench Hard is in github.com/suzgunmirac/BIG-Bench-Hard, bbh/: one TASK.json a task.";

    /// <summary>Tasks whose answers are open, and must be written.</summary>
    internal static readonly string[] Written = ["dyck_languages", "multistep_arithmetic_two", "object_counting", "word_sorting"];

    private static readonly Dictionary<string, string[]> s_closed = new(StringComparer.Ordinal)
    {
        ["boolean_expressions"] = ["True", "False"],
        ["sports_understanding"] = ["yes", "no"],
        ["web_of_lies"] = ["Yes", "No"],
    };

    [ModuleInitializer]
    internal static void Register() => Suites.Add(new BigBenchHard());

    public override string Method => "acc: likeliest answer after 'A:', no examples and no reasoning; published numbers let the model write.";

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (string file in data.Named("*.json").Where(file => !Written.Contains(Path.GetFileNameWithoutExtension(file))))
        {
            foreach (Row row in data.Json(file, "examples"))
            {
                if (row.Text("input") is not { } input || row.Text("target") is not { } target)
                    continue;
                string[] answers = s_closed.GetValueOrDefault(row.Source) ?? Listed(input);
                int right = Array.IndexOf(answers, target.Trim());
                if (right < 0)
                    row.Refuse($"the target is '{target}'; the options are {(answers.Length > 0 ? string.Join(", ", answers) : "not listed")}");
                else
                    yield return new Choice(row.Id, row.Source, [.. answers.Select(answer => new Continuation($"Q: {input}\nA:", " " + answer))], right);
            }
        }
    }

    /// <summary>The options listed behind a question, as <c>(A) …</c> or as <c>- …</c>.</summary>
    private static string[] Listed(string input)
    {
        int at = input.LastIndexOf("Options:", StringComparison.Ordinal);
        return at < 0 ? [] : [.. Option().Matches(input[at..]).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value.Trim())];
    }

    [GeneratedRegex(@"^(?:(\([A-Z]\)) |- (.+))", RegexOptions.Multiline)]
    private static partial Regex Option();
}
