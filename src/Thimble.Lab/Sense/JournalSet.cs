using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Sense;

/// <summary>Journals that people wrote about their days: for each segment several that say the same.</summary>
/// <param name="Segments">The segments.</param>
public sealed partial record JournalSet(IReadOnlyList<JournalSegment> Segments)
{
    /// <summary>Reads <c>journals_reference.json</c> of the AutoLife data set.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">A segment has no time in its name, or no journals.</exception>
    public static JournalSet Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        List<JournalSegment> segments = [];
        foreach (JsonProperty segment in document.RootElement.EnumerateObject())
        {
            Match time = Start().Match(segment.Name);
            if (!time.Success || !segment.Value.TryGetProperty("reference_journals", out JsonElement journals) || journals.GetArrayLength() == 0)
                throw new InvalidDataException($"'{path}', segment '{segment.Name}': expected a time such as [1717-1746] in the name and a list 'reference_journals'.");
            double hour = Number(time.Groups[1]) + (Number(time.Groups[2]) / 60);
            segments.Add(new(segment.Name, hour, segment.Value.GetProperty("duration").GetDouble(), [.. journals.EnumerateArray().Select(text => text.GetString()!)]));
        }

        return new(segments);

        static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    /// <summary>How far the first journal of each segment agrees with the others: what a perfect writer could expect.</summary>
    public JournalScores Agreement() => JournalScores.Mean([.. Segments.Where(segment => segment.Journals.Count > 1).Select(segment => JournalScores.Best(segment.Journals[0], segment.Journals.Skip(1)))]);

    /// <summary>The share of segments whose journals name the part of the day that the clock gives, among those that name one.</summary>
    /// <param name="hour">The hour of a segment by its place: its own, or another's for comparison.</param>
    public double TimesOfDay(Func<int, double> hour)
    {
        ArgumentNullException.ThrowIfNull(hour);
        int named = 0, right = 0;
        for (int i = 0; i < Segments.Count; i++)
        {
            string[] said = [.. Segments[i].Journals.SelectMany(journal => Part().Matches(journal).Select(match => match.Value.ToLowerInvariant())).Select(word => word switch
            {
                "noon" => "midday",
                "night" => "evening",
                _ => word,
            })];
            named += said.Length > 0 ? 1 : 0;
            right += said.Contains(Prompts.TimeOfDay(hour(i))) ? 1 : 0;
        }

        return named == 0 ? 0 : (double)right / named;
    }

    [GeneratedRegex(@"\[(\d\d)(\d\d)-\d{4}\]")]
    private static partial Regex Start();

    [GeneratedRegex(@"\b(morning|midday|noon|afternoon|evening|night)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Part();
}

/// <summary>One segment of a day.</summary>
/// <param name="Name">Its name, with date and time.</param>
/// <param name="Hour">When it begins, hours since midnight.</param>
/// <param name="Minutes">How long it lasts.</param>
/// <param name="Journals">What was written about it.</param>
public sealed record JournalSegment(string Name, double Hour, double Minutes, IReadOnlyList<string> Journals);
