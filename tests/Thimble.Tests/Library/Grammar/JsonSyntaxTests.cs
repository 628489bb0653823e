using System.Text;
using System.Text.Json;
using Thimble.Grammar;

namespace Thimble.Tests.Library.Grammar;

public sealed class JsonSyntaxTests
{
    // Formats are enforced here, where the suite's own files say that they are annotations; custom vocabularies are not read.
    private static readonly string[] s_leftOut = ["format.json", "vocabulary.json"];

    [SharedFact("data/json-schema-test-suite", cases: 1987)]
    public void Cases_of_2020_12_are_taken_exactly_if_valid() => Check("draft2020-12", taken: 1000, refused: 125);

    [SharedFact("data/json-schema-test-suite", cases: 825)]
    public void Cases_of_draft_7_are_taken_exactly_if_valid() => Check("draft7", taken: 750, refused: 70);

    private static void Check(string draft, int taken, int refused)
    {
        var tally = new Tally();
        foreach (string file in Directory.GetFiles(SchemaSuite.Folder(draft), "*.json").Where(file => !s_leftOut.Contains(Path.GetFileName(file))))
        {
            foreach ((string name, JsonElement schema, JsonElement tests) in SchemaSuite.Groups(file))
                Check($"{draft}/{Path.GetFileName(file)}: {name}", schema, tests, tally);
        }

        Assert.Empty(tally.Failures);
        Assert.True(tally.Taken >= taken && tally.Refused <= refused, $"{tally.Taken} cases taken, {tally.Refused} refused.");
    }

    /// <summary>The suite's older drafts leave it to the folder to say which one it is.</summary>
    private static string Named(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && name.StartsWith("draft7", StringComparison.Ordinal)
        && !schema.TryGetProperty("$schema", out _) ? $"{{\"$schema\":\"http://json-schema.org/draft-07/schema#\",{schema.GetRawText().TrimStart()[1..]}".Replace(",}", "}", StringComparison.Ordinal) : schema.GetRawText();

    private static void Check(string name, JsonElement schema, JsonElement tests, Tally tally)
    {
        Syntax? syntax = null;
        try
        {
            syntax = FormatSyntax.Compile(OutputFormat.JsonSchema(Named(schema, name)));
        }
        catch (NotSupportedException)
        {
            tally.Refused += tests.GetArrayLength();
            return;
        }
        catch (ArgumentException nothing) when (nothing.Message.StartsWith("No value", StringComparison.Ordinal))
        {
            // Then every case must be invalid.
        }

        foreach (JsonElement test in tests.EnumerateArray())
        {
            bool valid = test.GetProperty("valid").GetBoolean();
            string text = SchemaSuite.Canonical(test.GetProperty("data"));
            tally.Taken++;
            if (valid != (syntax is not null && Formats.Takes(syntax, Encoding.UTF8.GetBytes(text))))
                tally.Failures.Add($"{name}: {text} should be {(valid ? "taken" : "refused")}.");
        }
    }

    private sealed class Tally
    {
        public int Taken { get; set; }

        public int Refused { get; set; }

        public List<string> Failures { get; } = [];
    }
}
