namespace Thimble.Scheduling;

/// <summary>Finds stop texts in a stream of pieces, holding back what could become one.</summary>
/// <param name="stops">The texts; empty ones are ignored.</param>
internal sealed class StopText(IReadOnlyList<string> stops)
{
    private readonly string[] _stops = [.. stops.Where(stop => stop.Length > 0)];
    private string _held = "";

    /// <summary>Takes a piece.</summary>
    /// <param name="text">The piece; becomes what may be shown now.</param>
    /// <returns>Whether a stop text has come; what lies before it is in <paramref name="text"/>.</returns>
    public bool Push(ref string text)
    {
        string all = _held + text;
        int at = -1;
        foreach (string stop in _stops)
        {
            int found = all.IndexOf(stop, StringComparison.Ordinal);
            if (found >= 0 && (at < 0 || found < at))
                at = found;
        }

        if (at >= 0)
        {
            text = all[..at];
            _held = "";
            return true;
        }

        int held = 0;
        foreach (string stop in _stops)
        {
            for (int length = Math.Min(stop.Length - 1, all.Length); length > held; length--)
            {
                if (all.EndsWith(stop[..length], StringComparison.Ordinal))
                    held = length;
            }
        }

        text = all[..^held];
        _held = all[^held..];
        return false;
    }

    /// <summary>What was held back: the text has ended without becoming a stop text.</summary>
    public string Rest()
    {
        string held = _held;
        _held = "";
        return held;
    }
}
