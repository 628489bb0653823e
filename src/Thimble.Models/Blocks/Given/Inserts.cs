using Thimble.Compute.Kernels;

namespace Thimble.Models.Blocks;

/// <summary>Where in a sequence given rows stand in place of tokens, and what that means for positions and for what tokens see.</summary>
internal sealed class Inserts
{
    private readonly List<Insert> _all = [];

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _all.Count == 0;

    /// <summary>Features of their vectors; 0 where there are none.</summary>
    public int Width => _all.Count == 0 ? 0 : _all[0].Rows.Width;

    /// <summary>They, in order.</summary>
    public IReadOnlyList<Insert> All => _all;

    /// <summary>Adds rows at the end.</summary>
    /// <param name="start">The place of the first, behind all others.</param>
    /// <param name="rows">They.</param>
    public void Add(int start, GivenRows rows)
    {
        if (_all.Count > 0 && start < _all[^1].End)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"Rows cannot stand at {start}: others stand there up to {_all[^1].End}.");
        if (_all.Count > 0 && rows.Width != Width)
            throw new ArgumentException($"These rows have {rows.Width} features; those before them have {Width}.", nameof(rows));
        _all.Add(new(start, rows.Count, rows));
    }

    /// <summary>Forgets what stands from a place on.</summary>
    /// <returns>The place from which states must be computed anew: earlier, where the cut parts rows that see one another.</returns>
    public int Truncate(int length)
    {
        _all.RemoveAll(insert => insert.Start >= length);
        if (_all.Count == 0 || _all[^1].End <= length)
            return length;
        _all[^1] = _all[^1] with { Count = length - _all[^1].Start };
        return _all[^1].Rows.SeeOneAnother ? _all[^1].Start : length;
    }

    /// <summary>The same in a list of their own.</summary>
    public Inserts Copy()
    {
        var copy = new Inserts();
        copy._all.AddRange(_all);
        return copy;
    }

    /// <summary>The same of a text whose first tokens are cut off.</summary>
    /// <param name="length">A place inside of no rows.</param>
    public IEnumerable<Insert> From(int length) => _all.Where(insert => insert.Start >= length);

    /// <summary>The rows that stand at a place.</summary>
    public bool TryFind(int place, out Insert insert)
    {
        foreach (Insert candidate in _all)
        {
            if (place >= candidate.Start && place < candidate.End)
            {
                insert = candidate;
                return true;
            }
        }

        insert = default;
        return false;
    }

    /// <summary>The position of a place, as rotations count: by time, height and width, which are alike but in a grid.</summary>
    public (int Time, int Height, int Width) Position(int place)
    {
        int position = place;
        foreach (Insert insert in _all)
        {
            if (insert.Start > place)
                break;
            if (place < insert.End)
            {
                int start = position - (place - insert.Start);
                (int time, int height, int width) = insert.Rows.Place(place - insert.Start);
                return (start + time, start + height, start + width);
            }

            position += insert.Rows.Grid is null ? 0 : insert.Rows.Span - insert.Count;
        }

        return (position, position, position);
    }

    /// <summary>How many tokens a run may take from a place on, where it would take so many: rows that see one another come together.</summary>
    /// <returns>Above <paramref name="count"/> only where such rows begin at <paramref name="first"/>.</returns>
    public int Whole(int first, int count)
    {
        foreach (Insert insert in _all)
        {
            if (!insert.Rows.SeeOneAnother || insert.End <= first || insert.Start >= first + count)
                continue;
            if (insert.Start <= first)
                count = Math.Max(count, insert.End - first);
            else if (insert.End > first + count)
                return insert.Start - first;
        }

        return count;
    }

    /// <summary>The rows of a run that see one another; null for none.</summary>
    public KeySpan[]? Mutual(int first, int count)
    {
        List<KeySpan>? spans = null;
        foreach (Insert insert in _all)
        {
            if (insert.Rows.SeeOneAnother && insert.Start < first + count && insert.End > first)
                (spans ??= []).Add(new(insert.Start, insert.End));
        }

        return spans?.ToArray();
    }
}

/// <summary>Given rows in their place.</summary>
/// <param name="Start">The place of the first.</param>
/// <param name="Count">How many of them stand there: all, unless a sequence was cut among them.</param>
/// <param name="Rows">They.</param>
internal readonly record struct Insert(int Start, int Count, GivenRows Rows)
{
    /// <summary>The place behind them.</summary>
    public int End => Start + Count;
}
