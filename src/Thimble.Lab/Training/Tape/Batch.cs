namespace Thimble.Lab.Training;

/// <summary>Sequences of different lengths, one behind the other as rows; none sees another.</summary>
/// <param name="Tokens">Token ids, shape [rows].</param>
/// <param name="Targets">The token that each row should foretell; −1 for none.</param>
/// <param name="Segments">Each sequence's first row and length; together they are all rows, in order.</param>
internal sealed record Batch(int[] Tokens, int[] Targets, (int First, int Count)[] Segments)
{
    /// <summary>No rows.</summary>
    public static Batch Empty { get; } = new([], [], []);

    /// <summary>Rows.</summary>
    public int Rows => Tokens.Length;

    /// <summary>Rows whose target counts.</summary>
    public int Counted { get; } = Targets.Count(target => target >= 0);

    /// <summary>Weight of each row's loss; null for 1.</summary>
    public float[]? Weights { get; init; }

    /// <summary>The tokens among which alone a target is chosen, as in a classification by words; null for the whole vocabulary.</summary>
    public int[]? Options { get; init; }

    /// <summary>Rows at the beginning of each sequence that stand for no token of its text.</summary>
    public int Lead { get; init; }

    /// <summary>Positions in their sequences, shape [rows].</summary>
    public int[] Positions { get; } = [.. Segments.SelectMany(segment => Enumerable.Range(0, segment.Count))];

    /// <summary>The same with rows before each sequence, which foretell nothing.</summary>
    /// <param name="count">How many; nothing changes where they are there already.</param>
    public Batch Led(int count)
    {
        if (Lead == count)
            return this;
        List<int> tokens = [], targets = [];
        List<float> weights = [];
        List<(int, int)> segments = [];
        foreach ((int first, int rows) in Segments)
        {
            segments.Add((tokens.Count, count + rows));
            tokens.AddRange([.. new int[count], .. Tokens.AsSpan(first, rows)]);
            targets.AddRange([.. Enumerable.Repeat(-1, count), .. Targets.AsSpan(first, rows)]);
            if (Weights is not null)
                weights.AddRange([.. new float[count], .. Weights.AsSpan(first, rows)]);
        }

        return new([.. tokens], [.. targets], [.. segments]) { Weights = Weights is null ? null : [.. weights], Options = Options, Lead = count };
    }

    /// <summary>Its sequences in batches of at most so many rows, or of one longer sequence.</summary>
    public IEnumerable<Batch> Split(int rows)
    {
        for (int first = 0; first < Segments.Length;)
        {
            int end = first + 1, taken = Segments[first].Count, start = Segments[first].First;
            while (end < Segments.Length && taken + Segments[end].Count <= rows)
                taken += Segments[end++].Count;
            yield return new Batch(Tokens[start..(start + taken)], Targets[start..(start + taken)], [.. Segments[first..end].Select(segment => (segment.First - start, segment.Count))])
            {
                Weights = Weights?[start..(start + taken)],
                Options = Options,
                Lead = Lead,
            };
            first = end;
        }
    }

    /// <summary>Texts, each of whose tokens foretells the next.</summary>
    /// <param name="texts">Each at least two tokens.</param>
    /// <param name="counts">Whether the token at an index of a text is to be learnt; null for all.</param>
    public static Batch Of(IReadOnlyList<int[]> texts, Func<int, int, bool>? counts = null)
    {
        List<int> tokens = [], targets = [];
        List<(int, int)> segments = [];
        for (int text = 0; text < texts.Count; text++)
        {
            int[] ids = texts[text];
            segments.Add((tokens.Count, ids.Length - 1));
            for (int i = 0; i + 1 < ids.Length; i++)
            {
                tokens.Add(ids[i]);
                targets.Add(counts is null || counts(text, i + 1) ? ids[i + 1] : -1);
            }
        }

        return new([.. tokens], [.. targets], [.. segments]);
    }
}
