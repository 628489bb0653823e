using System.Text.Json;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>Facts drawn from a text, graded by how many are right: <c>F = 2PR / (P + R)</c> over facts that agree exactly but for white space.</summary>
internal static partial class Extraction
{
    private const string Nothing = "无";

    /// <summary>Events and their attributes, as JSON.</summary>
    public static IReadOnlyList<Grade> Events(Exercise exercise, string answer) => Facts(EventFacts(answer), EventFacts(exercise.Target)!);

    /// <summary>Triples of subject, object and relation, as JSON.</summary>
    public static IReadOnlyList<Grade> Relations(Exercise exercise, string answer) => Facts(Triples(answer), Triples(exercise.Target)!);

    /// <summary>Lines of a kind and its names, separated by commas.</summary>
    public static IReadOnlyList<Grade> Entities(Exercise exercise, string answer) => Facts([.. Names(answer)], [.. Names(exercise.Target)]);

    /// <summary>Pairs of a wrong and a right writing.</summary>
    public static IReadOnlyList<Grade> Corrections(Exercise exercise, string answer)
    {
        // Without a list of corrections there is no answer: an empty one must not pass where nothing was to be corrected.
        string[]? pairs = answer.Contains("纠正内容", StringComparison.Ordinal) ? [.. Pairs(answer)] : null;
        double text = Corrected().Match(answer) is { Success: true } found && Overlap.Bare(found.Groups[1].Value) == Overlap.Bare(Corrected().Match(exercise.Target).Groups[1].Value) ? 1 : 0;
        return [.. Facts(pairs, [.. Pairs(exercise.Target)]), new("text", text)];
    }

    private static IReadOnlyList<Grade> Facts(string[]? found, string[] wanted) => found is null
        ? [new("score", 0), new("readable", 0)]
        : [new("score", Overlap.Harmonic(Overlap.Common(found, wanted), found.Length, wanted.Length)), new("readable", 1)];

    private static string[]? EventFacts(string text)
    {
        if (Json(text) is not { } list)
            return null;
        List<string> facts = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("事件名", out JsonElement name))
                return null;
            facts.Add(Plain(name));
            if (item.TryGetProperty("属性", out JsonElement attributes) && attributes.ValueKind == JsonValueKind.Object)
                facts.AddRange(attributes.EnumerateObject().Select(attribute => $"{Plain(name)}|{attribute.Name}|{Plain(attribute.Value)}"));
        }

        return [.. facts];
    }

    private static string[]? Triples(string text)
    {
        if (Json(text) is not { } list || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Array))
            return null;
        return [.. list.EnumerateArray().Select(item => string.Join('|', item.EnumerateArray().Select(Plain)))];
    }

    private static IEnumerable<string> Names(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOfAny(['：', ':']);
            if (colon < 0)
                continue;
            foreach (string name in line[(colon + 1)..].Split(['，', ',', '、'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (name != Nothing)
                    yield return $"{line[..colon].Trim()}|{name}";
            }
        }
    }

    private static IEnumerable<string> Pairs(string text) => Pair().Matches(text).Select(match => $"{match.Groups[1].Value}|{match.Groups[2].Value}");

    /// <summary>The JSON list in a text that may have words around it; null for none.</summary>
    private static JsonElement? Json(string text)
    {
        int start = text.IndexOf('[', StringComparison.Ordinal), end = text.LastIndexOf(']');
        if (start < 0 || end < start)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text.AsMemory(start, end + 1 - start));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Plain(JsonElement value) => string.Concat(value.ToString().Where(c => !char.IsWhiteSpace(c)));

    [GeneratedRegex("“([^”]*)”纠正为“([^”]*)”")]
    private static partial Regex Pair();

    [GeneratedRegex(@"纠正后文本：(.*?)\s*(?:\n纠正内容|$)", RegexOptions.Singleline)]
    private static partial Regex Corrected();
}
