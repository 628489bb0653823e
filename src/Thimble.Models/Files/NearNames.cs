namespace Thimble.Models.Files;

/// <summary>Names a writer may have meant.</summary>
internal static class NearNames
{
    private const int Shown = 3, Farthest = 4, Searched = 10_000;

    /// <summary>At most three of the names within four edits of a given one, nearest first.</summary>
    public static IEnumerable<string> Of(string name, IEnumerable<string> names) =>
        names.Take(Searched)
            .Where(other => Math.Abs(other.Length - name.Length) <= Farthest)
            .Select(other => (Name: other, Edits: Edits(name, other)))
            .Where(other => other.Edits <= Farthest)
            .OrderBy(other => other.Edits)
            .Take(Shown)
            .Select(other => other.Name);

    /// <summary>Letters to insert, delete or change.</summary>
    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i + 1);
            for (int j = 0; j < b.Length; j++)
            {
                int edits = Math.Min(diagonal + (a[i] == b[j] ? 0 : 1), Math.Min(row[j], row[j + 1]) + 1);
                (diagonal, row[j + 1]) = (row[j + 1], edits);
            }
        }

        return row[^1];
    }
}
