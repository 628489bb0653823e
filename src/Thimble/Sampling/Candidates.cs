namespace Thimble.Sampling;

/// <summary>The tokens still in question and their logits, in buffers that are filled anew for each token.</summary>
/// <remarks>One list may serve many samplers that take turns; nothing in it outlives a draw.</remarks>
internal sealed class Candidates
{
    private int[] _ids = [], _places = [];
    private float[] _logits = [], _scores = [];
    private Order _order;

    private enum Order
    {
        /// <summary>All tokens of the vocabulary stand at their ids, which are not written down.</summary>
        Whole,
        ById,
        ByLogit,
        None,
    }

    /// <summary>How many are left.</summary>
    public int Count { get; private set; }

    /// <summary>Their logits, all finite, shape [<see cref="Count"/>]. Who changes their order calls <see cref="Reweighed"/>.</summary>
    public Span<float> Logits => _logits.AsSpan(0, Count);

    /// <summary>Whether they stand in order, greatest logit first.</summary>
    public bool IsSorted => _order == Order.ByLogit;

    /// <summary>The token at an index.</summary>
    public int Id(int index) => _order == Order.Whole ? index : _ids[index];

    /// <summary>Takes all tokens, or those a mask allows.</summary>
    public void Load(ReadOnlySpan<float> logits, TokenMask? mask)
    {
        if (_logits.Length < logits.Length)
            (_logits, _ids) = (new float[logits.Length], new int[logits.Length]);

        if (mask is null)
        {
            logits.CopyTo(_logits);
            (Count, _order) = (logits.Length, Order.Whole);
            return;
        }

        Count = mask.CopyTo(_ids);
        _order = Order.ById;
        for (int i = 0; i < Count; i++)
            _logits[i] = logits[_ids[i]];
    }

    /// <summary>The index of a token, or −1 if it is out of question.</summary>
    public int IndexOf(int id) => _order switch
    {
        Order.Whole => id < Count ? id : -1,
        Order.ById => Math.Max(-1, _ids.AsSpan(0, Count).BinarySearch(id)),
        _ => _ids.AsSpan(0, Count).IndexOf(id),
    };

    /// <summary>Says that logits were changed in a way that may have changed their order.</summary>
    public void Reweighed()
    {
        if (_order == Order.ByLogit)
            _order = Order.None;
    }

    /// <summary>The index of the greatest logit; of equal ones that of the lowest id.</summary>
    public int Best()
    {
        if (IsSorted)
            return 0;

        int best = 0;
        for (int i = 1; i < Count; i++)
        {
            if (_logits[i] > _logits[best] || (_logits[i] == _logits[best] && Id(i) < Id(best)))
                best = i;
        }

        return best;
    }

    /// <summary>Keeps the k best, or all if there are fewer, in order.</summary>
    public void Top(int k)
    {
        k = Math.Min(k, Count);
        if (!IsSorted)
            BringToFront(k);
        (Count, _order) = (k, Order.ByLogit);
    }

    /// <summary>Puts the k best first, in order, and drops none; the sum of their weights may then be taken from the front.</summary>
    public void BringToFront(int k)
    {
        if (IsSorted)
            return;

        WriteIds();
        Selection.Top(Logits, _ids.AsSpan(0, Count), k);
        _order = k == Count ? Order.ByLogit : Order.None;
    }

    /// <summary>Keeps those whose logit is at least so much.</summary>
    public void KeepFrom(float least)
    {
        if (IsSorted)
        {
            while (Count > 0 && _logits[Count - 1] < least)
                Count--;
            return;
        }

        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_logits[i] >= least)
                (_ids[kept], _logits[kept++]) = (Id(i), _logits[i]);
        }

        if (kept < Count)
            (Count, _order) = (kept, _order == Order.Whole ? Order.ById : _order);
    }

    /// <summary>Keeps those at certain places.</summary>
    /// <param name="places">Indices, ascending.</param>
    public void KeepAt(ReadOnlySpan<int> places)
    {
        for (int i = 0; i < places.Length; i++)
            (_ids[i], _logits[i]) = (Id(places[i]), _logits[places[i]]);
        (Count, _order) = (places.Length, _order == Order.Whole ? Order.ById : _order);
    }

    /// <summary>The normaliser of the softmax: <c>ln Σ exp(logit)</c>.</summary>
    public double LogSum() => LogProbabilities.LogSum(Logits, _logits[Best()]);

    /// <summary>Room for an index of each candidate, shape [<see cref="Count"/>].</summary>
    public Span<int> Places() => Room(ref _places);

    /// <summary>Room for a score of each candidate, shape [<see cref="Count"/>].</summary>
    public Span<float> Scores() => Room(ref _scores);

    private Span<T> Room<T>(ref T[] buffer)
    {
        if (buffer.Length < Count)
            buffer = new T[_logits.Length];
        return buffer.AsSpan(0, Count);
    }

    private void WriteIds()
    {
        for (int i = 0; _order == Order.Whole && i < Count; i++)
            _ids[i] = i;
    }
}
