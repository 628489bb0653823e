namespace Thimble.Speculative;

/// <summary>How long a run of so many rows takes on this machine, as measured so far.</summary>
/// <remarks>Between widths that were measured it is taken to be straight, beyond them it goes on as it came; before any two are
/// known, a row more is taken to cost a seventh of a run of one.</remarks>
internal sealed class PassCost
{
    private const int Exact = 8, Widths = 40;   // widths above 8 share a measure with their neighbours, 8 to each doubling
    private const double Weight = 0.15, FirstSlope = 1.0 / 7;

    private readonly (double Rows, double Seconds)[] _measured = new (double, double)[Widths];

    /// <summary>Whether anything has been measured.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Takes in a run.</summary>
    /// <param name="rows">Its rows, at least 1.</param>
    /// <param name="seconds">How long it took.</param>
    public void Take(int rows, double seconds)
    {
        ref (double Rows, double Seconds) place = ref _measured[Place(rows)];
        if (place.Rows == 0)
            place = (rows, seconds);
        double cut = Math.Min(seconds, 3 * place.Seconds);   // a run that was interrupted says nothing of its width
        place = (place.Rows + (Weight * (rows - place.Rows)), place.Seconds + (Weight * (cut - place.Seconds)));
        IsKnown = true;
    }

    /// <summary>Whether runs of about so many rows have been measured.</summary>
    public bool Knows(int rows) => _measured[Place(rows)].Rows > 0;

    /// <summary>How long a run takes.</summary>
    /// <param name="rows">Its rows, at least 1.</param>
    /// <returns>Seconds; 1 for one row where nothing is known.</returns>
    public double Of(int rows)
    {
        (double Rows, double Seconds) below = default, above = default, first = default;
        foreach ((double Rows, double Seconds) known in _measured)
        {
            if (known.Rows == 0)
                continue;
            if (known.Rows <= rows)
                (first, below) = (below, known);
            else if (above.Rows == 0)
                above = known;
        }

        if (below.Rows == 0 && above.Rows == 0)
            return 1 + (FirstSlope * (rows - 1));
        if (below.Rows > 0 && above.Rows > 0)
            return Math.Max(below.Seconds, Between(below, above, rows));
        if (below.Rows == 0)
            return above.Seconds / (1 + (FirstSlope * (above.Rows - 1))) * (1 + (FirstSlope * (rows - 1)));
        double slope = first.Rows > 0
            ? Math.Max(0.005 * below.Seconds / below.Rows, (below.Seconds - first.Seconds) / (below.Rows - first.Rows))
            : FirstSlope * below.Seconds / (1 + (FirstSlope * (below.Rows - 1)));
        return below.Seconds + (slope * (rows - below.Rows));
    }

    private static double Between((double Rows, double Seconds) a, (double Rows, double Seconds) b, int rows) =>
        a.Seconds + ((b.Seconds - a.Seconds) * (rows - a.Rows) / (b.Rows - a.Rows));

    private static int Place(int rows) =>
        rows <= Exact ? rows - 1 : Math.Min(Widths - 1, Exact + (int)(4 * Math.Log2((double)rows / Exact)));
}
