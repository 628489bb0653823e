using System.Text;
using System.Text.Json;
using Thimble.Grammar;

namespace Thimble.Tests.Library.Grammar;

public sealed class JsonSyntaxTests
{
    // Formats are enforced here, where the suite's own files say that they are annotations; custom vocabularies are not read.
    private static readonly string[] s_leftOut = ["format.json", "vocabulary.json"];

    [SharedFact("data/json-schema-test-suite", cases: 3000), Trait("Speed", "Slow")]
    public void Suite_cases_are_taken_exactly_if_valid() => Assert.Empty(Failures("draft2020-12", refused: 0).Concat(Failures("draft7", refused: 0)));

    private static List<string> Failures(string draft, int refused)
    {
        List<string> failures = [];
        var report = new StringBuilder();
        int taken = 0, left = 0;
        foreach (string file in Directory.GetFiles(SchemaSuite.Folder(draft), "*.json").Where(file => !s_leftOut.Contains(Path.GetFileName(file))))
        {
            foreach ((string name, JsonElement schema, JsonElement tests) in SchemaSuite.Groups(file))
                Check($"{draft}/{Path.GetFileName(file)}: {name}", schema, tests, failures, report, ref taken, ref left);
        }

        File.AppendAllText("/tmp/gr/suite.txt", $"{draft}: taken {taken}, refused {left} {refused}\n{report}\n{string.Join('\n', failures)}\n");
        return failures;
    }

    /// <summary>The suite's older drafts leave it to the folder to say which one it is.</summary>
    private static string Named(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && name.StartsWith("draft7", StringComparison.Ordinal)
        && !schema.TryGetProperty("$schema", out _) ? $"{{\"$schema\":\"http://json-schema.org/draft-07/schema#\",{schema.GetRawText().TrimStart()[1..]}".Replace(",}", "}", StringComparison.Ordinal) : schema.GetRawText();

    private static void Check(string name, JsonElement schema, JsonElement tests, List<string> failures, StringBuilder report, ref int taken, ref int left)
    {
        Syntax? syntax = null;
        string refusal = "";
        try
        {
            syntax = FormatSyntax.Compile(OutputFormat.JsonSchema(Named(schema, name)));
        }
        catch (NotSupportedException refused)
        {
            report.AppendLine($"{name}: {refused.Message}");
            left += tests.GetArrayLength();
            return;
        }
        catch (ArgumentException nothing) when (nothing.Message.StartsWith("No value", StringComparison.Ordinal))
        {
            refusal = nothing.Message;
        }
        catch (Exception e)
        {
            failures.Add($"{name}: {e.GetType().Name} {e.Message}");
            return;
        }

        foreach (JsonElement test in tests.EnumerateArray())
        {
            bool valid = test.GetProperty("valid").GetBoolean();
            string text = SchemaSuite.Canonical(test.GetProperty("data"));
            taken++;
            bool takes;
            try { takes = syntax is not null && Formats.Takes(syntax, Encoding.UTF8.GetBytes(text)); } catch (Exception e) { failures.Add($"{name}: {text} {e}"); continue; }
            if (takes != valid)
                failures.Add($"{name}: {text} should be {(valid ? "taken" : "refused")} {refusal}");
        }
    }
}
