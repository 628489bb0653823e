using System.Text.Json;

namespace Thimble.Bench;

/// <summary>Texts to be continued: beginnings of stories, and questions by kind.</summary>
internal static class Prompts
{
    private static readonly string[] s_beginnings =
    [
        "Once upon a time there was a {0} named {1}. {1} liked to", "One day, {1} and a {0} went to the {2}. They saw", "{1} was a {0} who lived near the {2}. Every day",
        "There was a {0} in the {2}. It was very", "\"Look, {1}!\" said the {0}. \"Let us go to the {2}", "The {0} was sad because {1} had", "It was raining at the {2}. {1} took the {0} and",
        "{1} found a {0} at the {2}. It was big. {1} found a",
    ];

    private static readonly string[] s_names = ["Lily", "Tom", "Ben", "Mia", "Sam"], s_beasts = ["dog", "cat", "bird", "girl", "boy", "frog", "bear"], s_places = ["park", "forest", "beach", "farm"];

    /// <summary>So many beginnings of stories, the same ones every time, no two alike up to 1120.</summary>
    public static IEnumerable<string> Stories(int count)
    {
        for (int i = 0; i < count; i++)
        {
            yield return string.Format(System.Globalization.CultureInfo.InvariantCulture, s_beginnings[i % s_beginnings.Length],
                s_beasts[i % s_beasts.Length], s_names[i % s_names.Length], s_places[i / s_beginnings.Length % s_places.Length]);
        }
    }

    /// <summary>Some questions of each kind of a set, cut to what small models read.</summary>
    /// <param name="path">A question.jsonl of Spec-Bench or MT-Bench; null for none.</param>
    /// <param name="each">How many of each kind.</param>
    /// <param name="longest">Characters.</param>
    public static IEnumerable<(string Kind, string[] Texts)> Questions(string? path, int each, int longest = 500) => path is null ? [] :
    [
        .. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .GroupBy(entry => entry.GetProperty("category").GetString()!)
            .Select(kind => (kind.Key, kind.Take(each).Select(entry => Cut(entry.GetProperty("turns")[0].GetString()!, longest)).ToArray())),
    ];

    private static string Cut(string text, int longest) => text.Length > longest ? text[..longest] : text;
}
