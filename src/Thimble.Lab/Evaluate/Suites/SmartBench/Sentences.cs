namespace Thimble.Lab.Evaluate;

/// <summary>The sentences of a Chinese text, and the one that is most about something.</summary>
internal static class Sentences
{
    private const double Saturation = 1.2, LengthWeight = 0.75;   // k₁ and b as commonly set

    /// <summary>The sentences, with what ends them.</summary>
    public static IEnumerable<string> Of(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '。' or '！' or '？' or '\n' or '!' or '?')
            {
                yield return text[start..(i + 1)];
                start = i + 1;
            }
        }

        if (start < text.Length)
            yield return text[start..];
    }

    /// <summary>The sentence that fits a query best: <c>Σ idf · f(k₁ + 1) / (f + k₁(1 − b + b·length/mean))</c> over pairs of characters.</summary>
    /// <remarks>Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.</remarks>
    public static string Best(string text, string query)
    {
        string[] sentences = [.. Of(text).Where(sentence => Overlap.Bare(sentence).Length > 0)];
        if (sentences.Length == 0)
            return "";
        Dictionary<string, int>[] counts = [.. sentences.Select(sentence => Pairs(sentence).CountBy(pair => pair).ToDictionary(StringComparer.Ordinal))];
        string[] wanted = [.. Pairs(query).Distinct()];
        double mean = counts.Average(count => count.Values.Sum());
        double[] scores = [.. counts.Select(count => wanted.Sum(pair => Weight(pair, count)))];
        return sentences[Array.IndexOf(scores, scores.Max())].Trim();

        double Weight(string pair, Dictionary<string, int> count)
        {
            int held = counts.Count(other => other.ContainsKey(pair)), times = count.GetValueOrDefault(pair);
            double rarity = Math.Log(1 + ((counts.Length - held + 0.5) / (held + 0.5)));
            double length = 1 - LengthWeight + (LengthWeight * count.Values.Sum() / Math.Max(1, mean));
            return rarity * times * (Saturation + 1) / (times + (Saturation * length));
        }
    }

    private static IEnumerable<string> Pairs(string text)
    {
        string bare = Overlap.Bare(text);
        return Enumerable.Range(0, Math.Max(0, bare.Length - 1)).Select(i => bare.Substring(i, 2));
    }
}
