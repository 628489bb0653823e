using System.Globalization;
using System.Text;

namespace Thimble.Lab.Evaluate;

/// <summary>How much two texts have in common, in [0, 1].</summary>
internal static class Overlap
{
    /// <summary>The characters that bear meaning, in lower case: letters, digits and signs, without white space and punctuation.</summary>
    public static string Bare(string text)
    {
        var bare = new StringBuilder(text.Length);
        foreach (char c in text.Normalize(NormalizationForm.FormKC))
        {
            if (!char.IsWhiteSpace(c) && !char.IsPunctuation(c) && !char.IsControl(c))
                bare.Append(char.ToLowerInvariant(c));
        }

        return bare.ToString();
    }

    /// <summary>Characters that both texts have, counted as often as both have them: <c>F = 2PR / (P + R)</c>. Two empty texts agree.</summary>
    public static double Characters(string answer, string target)
    {
        string a = Bare(answer), b = Bare(target);
        return Harmonic(Common(a, b), a.Length, b.Length);
    }

    /// <summary>The longest common subsequence of characters, as the F of ROUGE-L.</summary>
    public static double Subsequence(string answer, string target)
    {
        string a = Bare(answer), b = Bare(target);
        return Harmonic(LongestCommon<char>(a, b), a.Length, b.Length);
    }

    /// <summary><c>1 − edits / length of the longer</c>, of the characters as they stand.</summary>
    public static double Likeness(string a, string b) => Math.Max(a.Length, b.Length) is > 0 and var longer ? 1 - ((double)Edits(a, b) / longer) : 1;

    /// <summary><c>F = 2PR / (P + R)</c> of a count shared by two; 1 where both are empty.</summary>
    public static double Harmonic(int common, int answers, int targets) => answers + targets == 0 ? 1 : 2.0 * common / (answers + targets);

    /// <summary>Items in both, with multiplicity.</summary>
    public static int Common<T>(IEnumerable<T> a, IEnumerable<T> b)
        where T : notnull
    {
        Dictionary<T, int> counts = [];
        foreach (T item in a)
            counts[item] = counts.GetValueOrDefault(item) + 1;
        int common = 0;
        foreach (T item in b)
        {
            if (counts.GetValueOrDefault(item) is > 0 and var left)
            {
                counts[item] = left - 1;
                common++;
            }
        }

        return common;
    }

    /// <summary>The length of the longest common subsequence.</summary>
    public static int LongestCommon<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : IEquatable<T>
    {
        int[] row = new int[b.Length + 1];
        foreach (T item in a)
        {
            int diagonal = 0;
            for (int j = 0; j < b.Length; j++)
            {
                int above = row[j + 1];
                row[j + 1] = item.Equals(b[j]) ? diagonal + 1 : Math.Max(above, row[j]);
                diagonal = above;
            }
        }

        return row[^1];
    }

    /// <summary>Insertions, deletions and replacements from one to the other.</summary>
    /// <remarks>Source: Levenshtein, 1966.</remarks>
    public static int Edits(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 0; j < b.Length; j++)
            {
                int above = row[j + 1], replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                row[j + 1] = Math.Min(replaced, Math.Min(above, row[j]) + 1);
                diagonal = above;
            }
        }

        return row[^1];
    }

    /// <summary>The words of a text, in lower case, without punctuation.</summary>
    public static string[] Words(string text) =>
    [
        .. text.ToLower(CultureInfo.InvariantCulture)
            .Split([.. " \t\r\n.,;:!?\"()[]{}“”‘’…—–/"], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('\'', '-')).Where(word => word.Length > 0),
    ];
}
