using System.Globalization;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Sense;

/// <summary>What a model is asked about windows and segments, and what of its answer counts.</summary>
internal static partial class Prompts
{
    /// <summary>The part of the day in words.</summary>
    /// <param name="hour">Hours since midnight.</param>
    public static string TimeOfDay(double hour) => hour switch
    {
        >= 4 and < 11.5 => "morning",
        >= 11.5 and < 12.4 => "midday",
        >= 12.4 and < 17.45 => "afternoon",
        _ => "evening",
    };

    /// <summary>Asks where somebody is and what they do.</summary>
    public static string Window(DateTimeOffset time, IReadOnlyList<string> motions, IReadOnlyList<string> networks) => string.Create(CultureInfo.InvariantCulture, $"""
        A phone reports the following.
        Time: {time:dddd, HH:mm}, {TimeOfDay(time.TimeOfDay.TotalHours)}
        Motion: {string.Join(", ", motions)}
        Wireless networks near by, strongest first: {(networks.Count > 0 ? string.Join(", ", networks.Take(8)) : "none")}
        In one sentence, say in what kind of place the user is and what they are probably doing. Begin with "Summary:".

        """);

    /// <summary>Asks for the journal of a segment.</summary>
    public static string Journal(DateTimeOffset time, IReadOnlyList<string> windows) => $"""
        These are notes on what a user did, one after the other:
        {string.Join('\n', windows.Select(window => "- " + window))}
        Write one or two sentences of a journal about it in the third person, beginning with the time of day, which is the {TimeOfDay(time.TimeOfDay.TotalHours)}. Begin with "Summary:".

        """;

    /// <summary>What stands behind "Summary:", or all that was written where a model did not keep to it.</summary>
    public static string Answer(string reply) => Marked().Match(reply) is { Success: true } match ? match.Groups[1].Value.Trim() : reply.Trim();

    [GeneratedRegex("Summary:\\s*(.*)", RegexOptions.IgnoreCase)]
    private static partial Regex Marked();
}
