using Thimble.Lab.Evaluate;

namespace Thimble.Lab.Sense;

/// <summary>How near a text is to a reference, in [0, 1]; greater is nearer.</summary>
/// <param name="Bleu">Words in a row, up to four, that are right.</param>
/// <param name="Chrf">Characters in a row, up to six.</param>
/// <param name="Rouge1">Words of the reference that are there, and the reverse, as F.</param>
/// <param name="Rouge2">Pairs of words.</param>
/// <param name="RougeL">Words in order.</param>
/// <param name="Meteor">Words, fewer the more they are scattered; exact matches only.</param>
public sealed record JournalScores(double Bleu, double Chrf, double Rouge1, double Rouge2, double RougeL, double Meteor)
{
    /// <summary>Scores a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reference">What it should say.</param>
    /// <remarks>Source: Papineni et al., "BLEU", 2002, smoothed by one; Popović, "chrF", 2015, β = 2; Lin, "ROUGE", 2004; Banerjee and Lavie, "METEOR", 2005.</remarks>
    public static JournalScores Of(string text, string reference)
    {
        string[] ours = Overlap.Words(text), theirs = Overlap.Words(reference);
        return new(
            BleuOf(ours, theirs), ChrfOf(text, reference), Share(Grams(ours, 1), Grams(theirs, 1)), Share(Grams(ours, 2), Grams(theirs, 2)),
            Overlap.Harmonic(Overlap.LongestCommon<string>(ours, theirs), ours.Length, theirs.Length), MeteorOf(ours, theirs));
    }

    /// <summary>The best of each against several references.</summary>
    /// <param name="text">The text.</param>
    /// <param name="references">What it should say, in other words each.</param>
    public static JournalScores Best(string text, IEnumerable<string> references)
    {
        JournalScores[] all = [.. references.Select(reference => Of(text, reference))];
        return new(all.Max(one => one.Bleu), all.Max(one => one.Chrf), all.Max(one => one.Rouge1), all.Max(one => one.Rouge2), all.Max(one => one.RougeL), all.Max(one => one.Meteor));
    }

    /// <summary>The mean of each.</summary>
    /// <param name="scores">At least one.</param>
    public static JournalScores Mean(IReadOnlyCollection<JournalScores> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new(
            scores.Average(one => one.Bleu), scores.Average(one => one.Chrf), scores.Average(one => one.Rouge1), scores.Average(one => one.Rouge2),
            scores.Average(one => one.RougeL), scores.Average(one => one.Meteor));
    }

    private static double BleuOf(string[] ours, string[] theirs)
    {
        if (ours.Length == 0)
            return 0;
        double logs = 0;
        for (int length = 1; length <= 4; length++)
        {
            string[] grams = Grams(ours, length);
            int common = Overlap.Common(grams, Grams(theirs, length));
            // Above single words one is added to both, so that a short text does not score nothing for one gap.
            double share = length == 1 ? (double)common / Math.Max(1, grams.Length) : (common + 1.0) / (grams.Length + 1);
            if (share == 0)
                return 0;
            logs += Math.Log(share) / 4;
        }

        return Math.Exp(logs + Math.Min(0, 1 - ((double)theirs.Length / ours.Length)));
    }

    private static double ChrfOf(string text, string reference)
    {
        string a = string.Concat(text.Where(c => !char.IsWhiteSpace(c))), b = string.Concat(reference.Where(c => !char.IsWhiteSpace(c)));
        double precision = 0, recall = 0;
        int orders = 0;
        for (int length = 1; length <= 6; length++)
        {
            string[] ours = Characters(a, length), theirs = Characters(b, length);
            if (ours.Length == 0 || theirs.Length == 0)
                continue;
            int common = Overlap.Common(ours, theirs);
            (precision, recall, orders) = (precision + ((double)common / ours.Length), recall + ((double)common / theirs.Length), orders + 1);
        }

        return precision + recall == 0 ? 0 : 5 * precision * recall / ((4 * precision) + recall) / orders;
    }

    private static double MeteorOf(string[] ours, string[] theirs)
    {
        int[] places = Align(ours, theirs);
        int matches = places.Count(place => place >= 0), chunks = 0;
        if (matches == 0)
            return 0;
        for (int i = 0; i < places.Length; i++)
            chunks += places[i] >= 0 && (i == 0 || places[i - 1] < 0 || places[i] != places[i - 1] + 1) ? 1 : 0;
        double precision = (double)matches / ours.Length, recall = (double)matches / theirs.Length;
        double mean = 10 * precision * recall / (recall + (9 * precision));
        return mean * (1 - (0.5 * Math.Pow((double)chunks / matches, 3)));
    }

    /// <summary>For each of our words the place of one of theirs, each used once, going on from the one before where that is possible; −1 for none.</summary>
    private static int[] Align(string[] ours, string[] theirs)
    {
        bool[] used = new bool[theirs.Length];
        int[] places = new int[ours.Length];
        for (int i = 0; i < ours.Length; i++)
        {
            int next = i > 0 && places[i - 1] >= 0 ? places[i - 1] + 1 : 0;
            places[i] = next < theirs.Length && !used[next] && theirs[next] == ours[i] ? next : Array.FindIndex(theirs, 0, word => word == ours[i]);
            while (places[i] >= 0 && used[places[i]])
                places[i] = Array.IndexOf(theirs, ours[i], places[i] + 1);
            if (places[i] >= 0)
                used[places[i]] = true;
        }

        return places;
    }

    private static double Share(string[] ours, string[] theirs) => ours.Length + theirs.Length == 0 ? 0 : Overlap.Harmonic(Overlap.Common(ours, theirs), ours.Length, theirs.Length);

    private static string[] Grams(string[] words, int length) => [.. Enumerable.Range(0, Math.Max(0, words.Length - length + 1)).Select(i => string.Join(' ', words[i..(i + length)]))];

    private static string[] Characters(string text, int length) => [.. Enumerable.Range(0, Math.Max(0, text.Length - length + 1)).Select(i => text.Substring(i, length))];
}
