using Thimble.Compute;

namespace Thimble.Lab.Sense;

/// <summary>From a phone's sensors to a sentence on where its user is and what they do, and from sentences to a journal: on this machine, on a server near
/// by or on a remote one, each timed and scored.</summary>
/// <remarks>What a model is asked holds little text: time of day, motion by rule, networks near by. That is what lets small models and slow
/// machines take part. The study's own recordings are not to be had, so sensor files are generated with known truth (<see cref="SensorGenerator"/>);
/// the journal's metrics are those of the data set, and its 168 pairs of references say how far two people agree.</remarks>
[Technique("AutoLife-Lite", "Yan and Ding, Are We There Yet? A Measurement Study of Efficiency for LLM Applications on Mobile Devices, 2025")]
public static class AutoLifeLite
{
    private const int LongestSentence = 64, LongestJournal = 96;

    /// <summary>A scripted day: what a generated phone goes through.</summary>
    public static IReadOnlyList<DayStretch> ScriptedDay { get; } =
    [
        Stretch(7, 30, 20, MotionRules.Stationary, "at home", "resting", "HOME-5G", "Neighbour"),
        Stretch(8, 0, 15, MotionRules.Walking, "on the way to a station", "walking", "CSL", "Cafe de Coral"),
        Stretch(8, 20, 25, MotionRules.Vehicle, "on a train", "commuting", "MTR Free Wi-Fi"),
        Stretch(9, 0, 2, MotionRules.Lift, "in an office building", "taking the lift", "eduroam"),
        Stretch(9, 10, 60, MotionRules.Limited, "at a university campus", "working", "eduroam", "Library-Staff"),
        Stretch(12, 0, 30, MotionRules.Limited, "in a canteen", "having lunch", "Canteen-Guest", "eduroam"),
        Stretch(15, 0, 30, MotionRules.Walking, "in a shopping mall", "shopping", "Mall Free WiFi", "Starbucks"),
        Stretch(18, 0, 30, MotionRules.Jogging, "in a park", "jogging"),
        Stretch(21, 0, 40, MotionRules.Stationary, "at home", "resting", "HOME-5G"),
    ];

    /// <summary>Lets each tier describe the scripted day.</summary>
    /// <param name="options">Where models run.</param>
    /// <param name="cancellationToken">Ends it within one step.</param>
    /// <returns>A row for each tier.</returns>
    /// <exception cref="ArgumentException">There is no tier.</exception>
    /// <exception cref="CapacityException">A model's context is too short for a prompt.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public static async Task<IReadOnlyList<TierResult>> RunAsync(AutoLifeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<TierResult> results = [];
        foreach (Func<ITier> open in options.Tiers())
        {
            using ITier tier = open();
            results.AddRange(await RunAsync([tier], ScriptedDay, options.Sessions, cancellationToken).ConfigureAwait(false));
        }

        return results.Count > 0 ? results : throw new ArgumentException("No tier is named: give a model, a server, or both.", nameof(options));
    }

    /// <summary>Lets tiers describe stretches of a day.</summary>
    /// <param name="tiers">Where models run.</param>
    /// <param name="day">The day; <see cref="ScriptedDay"/> as a rule.</param>
    /// <param name="sessions">Sessions of fifteen seconds of each stretch.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task<IReadOnlyList<TierResult>> RunAsync(IReadOnlyList<ITier> tiers, IReadOnlyList<DayStretch> day, int sessions, CancellationToken cancellation)
    {
        List<TierResult> results = [];
        foreach (ITier tier in tiers)
        {
            List<TierReply> replies = [];
            List<JournalScores> scores = [];
            int right = 0, windows = 0;
            foreach (DayStretch stretch in day)
            {
                List<string> notes = [];
                foreach ((DateTimeOffset time, IReadOnlyList<string> motions, IReadOnlyList<string> networks) in Windows(stretch, sessions))
                {
                    windows++;
                    right += motions.Contains(stretch.Motion) ? 1 : 0;
                    TierReply reply = await tier.AnswerAsync(Prompts.Window(time, motions, networks), LongestSentence, cancellation).ConfigureAwait(false);
                    replies.Add(reply);
                    notes.Add(Prompts.Answer(reply.Text));
                }

                TierReply journal = await tier.AnswerAsync(Prompts.Journal(stretch.Start, notes), LongestJournal, cancellation).ConfigureAwait(false);
                replies.Add(journal);
                scores.Add(JournalScores.Of(Prompts.Answer(journal.Text), Truth(stretch)));
            }

            results.Add(TierResult.Of(tier, replies, JournalScores.Mean(scores), (double)right / windows));
        }

        return results;
    }

    /// <summary>The windows of a stretch: generated files, read and put through the rules.</summary>
    internal static IEnumerable<(DateTimeOffset Time, IReadOnlyList<string> Motions, IReadOnlyList<string> Networks)> Windows(DayStretch stretch, int sessions)
    {
        IReadOnlyList<string> before = [];
        for (int i = 0; i < sessions; i++)
        {
            DateTimeOffset time = stretch.Start.AddMinutes((double)i * stretch.Minutes / sessions);
            foreach ((long _, WindowFeatures features) in WindowReading.Of(new SensorFiles(SensorGenerator.Files(stretch, time, seed: i + 1))))
            {
                before = MotionRules.Of(features, before);
                yield return (time, before, features.Networks);
            }
        }
    }

    /// <summary>What a journal of a stretch should say.</summary>
    internal static string Truth(DayStretch stretch) =>
        $"In the {Prompts.TimeOfDay(stretch.Start.TimeOfDay.TotalHours)}, the user is {stretch.Place}, {stretch.Activity}.";

    private static DayStretch Stretch(int hour, int minute, int minutes, string motion, string place, string activity, params string[] networks) =>
        new(new DateTimeOffset(2024, 3, 22, hour, minute, 0, TimeSpan.Zero), minutes, motion, place, activity, networks);
}

/// <summary>What a tier took and how good it was.</summary>
/// <param name="Tier">Where the model ran.</param>
/// <param name="Model">The model.</param>
/// <param name="Answers">Answers.</param>
/// <param name="FirstTokenMs">To the first token, the median; null where it could not be seen.</param>
/// <param name="TotalMs">To the last, the median.</param>
/// <param name="PeakBytes">The most memory this process held; null for a server's.</param>
/// <param name="Scores">The journal against the truth.</param>
/// <param name="MotionRight">The share of windows whose motion the rules found.</param>
public sealed record TierResult(string Tier, string Model, int Answers, double? FirstTokenMs, double TotalMs, long? PeakBytes, JournalScores Scores, double MotionRight)
{
    internal static TierResult Of(ITier tier, IReadOnlyList<TierReply> replies, JournalScores scores, double motionRight)
    {
        double[] first = [.. replies.Where(reply => reply.First is not null).Select(reply => reply.First!.Value.TotalMilliseconds).Order()];
        double[] total = [.. replies.Select(reply => reply.Total.TotalMilliseconds).Order()];
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new(
            tier.Name, tier.Model, replies.Count, first.Length > 0 ? first[first.Length / 2] : null, total[total.Length / 2],
            tier is LocalTier ? process.PeakWorkingSet64 : null, scores, motionRight);
    }
}
