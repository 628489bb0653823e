namespace Thimble.Lab.Evaluate;

/// <summary>Notices put in order: right only if all are there and in their places; beside that, how many pairs stand the right way round.</summary>
internal static class Ordering
{
    /// <summary>Grades an order.</summary>
    public static IReadOnlyList<Grade> Grade(Exercise exercise, string answer)
    {
        string[] wanted = Items(exercise.Target), found = Items(answer);
        return [new("score", wanted.SequenceEqual(found, StringComparer.Ordinal) ? 1 : 0), new("pairs", Pairs(wanted, found))];
    }

    /// <summary>The items, apart by empty lines, without white space.</summary>
    internal static string[] Items(string text) =>
    [
        .. text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).Aggregate(
            new List<string> { "" },
            (items, line) =>
            {
                if (line.Length == 0)
                    items.Add("");
                else
                    items[^1] += string.Concat(line.Where(c => !char.IsWhiteSpace(c)));
                return items;
            }).Where(item => item.Length > 0),
    ];

    /// <summary>The share of wanted pairs whose items are both there and the right way round: <c>(τ + 1) / 2</c> with Kendall's τ where all are there.</summary>
    private static double Pairs(string[] wanted, string[] found)
    {
        int right = 0, pairs = wanted.Length * (wanted.Length - 1) / 2;
        for (int i = 0; i < wanted.Length; i++)
        {
            int first = Array.IndexOf(found, wanted[i]);
            for (int j = i + 1; j < wanted.Length; j++)
            {
                int second = Array.IndexOf(found, wanted[j]);
                right += first >= 0 && second > first ? 1 : 0;
            }
        }

        return pairs == 0 ? 0 : (double)right / pairs;
    }
}
