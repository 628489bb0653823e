namespace Thimble.Lab.Training;

/// <summary>Samples in batches of about equal size, in an order that a seed decides.</summary>
internal sealed class Batches
{
    private readonly Sample[] _samples;
    private readonly int _tokens;
    private readonly int _seed;
    private readonly int[] _order;
    private int _epoch = -1, _next;

    /// <summary>An endless supply.</summary>
    /// <param name="samples">The samples, each at most as long as a batch.</param>
    /// <param name="tokens">Rows of a batch at most.</param>
    /// <param name="seed">Names the order.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public Batches(IReadOnlyList<Sample> samples, int tokens, int seed)
    {
        if (samples.Count == 0)
            throw new ArgumentException("The texts hold nothing to learn from: no sample of two tokens or more.", nameof(samples));
        (_samples, _tokens, _seed) = ([.. samples], tokens, seed);
        _order = [.. Enumerable.Range(0, _samples.Length)];
        _next = _order.Length;
    }

    /// <summary>Rows of all samples together.</summary>
    public long Rows => _samples.Sum(sample => (long)sample.Rows);

    /// <summary>Samples given out.</summary>
    public long Given { get; private set; }

    /// <summary>Times the samples have been begun anew.</summary>
    public int Epochs => Math.Max(0, _epoch);

    /// <summary>The next batch.</summary>
    public Batch Next()
    {
        List<Sample> taken = [];
        int rows = 0;
        while (true)
        {
            if (_next == _order.Length)
                Shuffle();
            Sample sample = _samples[_order[_next]];
            if (taken.Count > 0 && rows + sample.Rows > _tokens)
                break;
            taken.Add(sample);
            rows += sample.Rows;
            _next++;
            Given++;
            if (rows >= _tokens || taken.Count >= _samples.Length)
                break;
        }

        return Together(taken);
    }

    /// <summary>Goes to where a number of samples has been given out.</summary>
    public void Skip(long given)
    {
        while (Given < given)
        {
            if (_next == _order.Length)
                Shuffle();
            long step = Math.Min(given - Given, _order.Length - _next);
            _next += (int)step;
            Given += step;
        }
    }

    /// <summary>All samples once, in their own order: for evaluation.</summary>
    public static IEnumerable<Batch> Once(IEnumerable<Sample> samples, int tokens)
    {
        List<Sample> taken = [];
        int rows = 0;
        foreach (Sample sample in samples)
        {
            if (taken.Count > 0 && rows + sample.Rows > tokens)
            {
                yield return Together(taken);
                (taken, rows) = ([], 0);
            }

            taken.Add(sample);
            rows += sample.Rows;
        }

        if (taken.Count > 0)
            yield return Together(taken);
    }

    private static Batch Together(IEnumerable<Sample> samples)
    {
        Sample[] texts = [.. samples.SelectMany(sample => sample.Texts)];
        return Batch.Of([.. texts.Select(text => text.Tokens)], (text, at) => texts[text].Learnt?[at] ?? true);
    }

    private void Shuffle()
    {
        _epoch++;
        Array.Sort(_order);
        new Random(unchecked((_seed * 1_000_003) + _epoch)).Shuffle(_order);
        _next = 0;
    }
}
