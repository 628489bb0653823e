using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Multiple choice in 57 subjects, from school to profession: the letters of four options are what the model chooses from.</summary>
/// <remarks>Source: Hendrycks et al., "Measuring Massive Multitask Language Understanding", 2021; the prompt is that of its authors, without examples.</remarks>
internal sealed class Mmlu() : ChoiceSuite(
    "mmlu", "57 subjects, four options", "mmlu",
    "MMLU's test questions are in data.tar of github.com/hendrycks/test: test/SUBJECT_test.csv, one file a subject.")
{
    private const string UndoubledHead = "question,A,B,C,D,answer\n";   // of a common copy whose quotes are not doubled

    [ModuleInitializer]
    internal static void Register() => Suites.Add(new Mmlu());

    public override string Method => "acc: likeliest of the letters after 'Answer:', no examples; published numbers mostly show five, so theirs are higher.";

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (string file in data.Named("test/*.csv"))
        {
            string subject = Path.GetFileNameWithoutExtension(file).Replace("_test", "", StringComparison.Ordinal);
            foreach (Row row in data.Csv(file, UndoubledHead))
            {
                if (row.Cells is ["question", ..])
                    continue;
                if (row.Cells.Length != 6)
                    row.Refuse($"it has {row.Cells.Length} cells; a question, four options and the answer are 6");
                else if (Letters.Position(row.Cells[5]) is not { } answer)
                    row.Refuse($"the answer is '{row.Cells[5]}'; expected A to D or 0 to 3");
                else if (Array.FindIndex(row.Cells, string.IsNullOrWhiteSpace) is >= 0 and var empty)
                    row.Refuse($"cell {empty + 1} is empty");
                else
                    yield return Letters.Ask(row.Id, subject, Head(subject), row.Cells[0], row.Cells[1..5], answer);
            }
        }
    }

    private static string Head(string subject) =>
        $"The following are multiple choice questions (with answers) about {subject.Replace('_', ' ')}.\n\n";
}
