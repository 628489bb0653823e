using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Thimble.Lab.Evaluate;

/// <summary>Cyber security: four options each, from standards, certifications and research papers.</summary>
/// <remarks>Source: Tihanyi et al., "CyberMetric", 2024. Its authors let the model write the letter; here the likeliest letter counts, so that a model
/// that cannot yet follow instructions is measured too.</remarks>
/// <param name="size">How many questions the set has: 80, 500, 2000 or 10000.</param>
internal sealed class CyberMetric(int size) : ChoiceSuite(
    $"cybermetric-{size}", $"cyber security, {size} questions, four options", "cybermetric",
    $"CyberMetric-{size}-v1.json is in github.com/cybermetric/CyberMetric.")
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (int size in (int[])[80, 500, 2000, 10000])
            Suites.Add(new CyberMetric(size));
    }

    public override string Method => "acc: likeliest of the letters after 'Answer:', no examples.";

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (Row row in data.Json($"CyberMetric-{size}-v1.json", "questions"))
        {
            if (row.Text("question") is not { } question || row.Text("solution") is not { } solution)
                continue;
            if (Texts(row) is not { } texts)
                row.Refuse("the field 'answers' holds no texts A to D");
            else if (Letters.Position(solution) is not { } answer)
                row.Refuse($"the solution is '{solution}'; expected A to D");
            else
                yield return Letters.Ask(row.Id, "", "The following are multiple choice questions (with answers) about cyber security.\n\n", question, texts, answer);
        }
    }

    private static string[]? Texts(Row row)
    {
        if (!row.Fields.TryGetProperty("answers", out JsonElement answers) || answers.ValueKind != JsonValueKind.Object)
            return null;
        string?[] texts = [.. "ABCD".Select(letter => answers.TryGetProperty([letter], out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null)];
        return Array.TrueForAll(texts, text => !string.IsNullOrWhiteSpace(text)) ? [.. texts.OfType<string>()] : null;
    }
}
