namespace Thimble.Speculative;

/// <summary>How much is guessed, so that guessing never loses time: from what guesses were worth, and what runs cost here.</summary>
/// <remarks>
/// <para>A draft of which k tokens are kept, likeliest first, gives <c>1 + Σ reach</c> tokens for <c>run(k) + drafting</c> seconds;
/// k is where that is fastest, 0 included. Reach is a product of confidences, each replaced by the share of guesses
/// of such confidence that were right.</para>
/// <para>A drafter whose guesses take time has an account: what its steps took beyond plain ones, less what they saved, of the last thousand steps
/// or so. It rests where the latest were slower and the account is above a hundredth of that time, and tries again when half of it is paid off.</para>
/// </remarks>
internal sealed class DraftPace
{
    private const int Bands = 16, Trial = 6, MostTokens = 64, Anew = 128, AnewTokens = 3;
    private const double Prior = 3, Memory = 256, Weight = 0.2, Margin = 1.01, Allowed = 0.01, Credit = 0.05, Forgotten = 1.0 / 1024, Hopeless = 0.72;

    private readonly (double Right, double Asked)[] _bands = new (double, double)[Bands];
    private readonly Func<double, double> _worth;
    private int _trials, _left;
    private bool _rests;
    private double _speedup = 1, _drafting, _spent, _lost;   // seconds of about the last thousand steps, and those lost on drafts

    /// <summary>A pace that knows nothing of guesses yet.</summary>
    /// <param name="cost">What runs cost.</param>
    /// <param name="time">Tells the time.</param>
    public DraftPace(PassCost cost, TimeProvider time) => (Cost, Time, _worth) = (cost, time, Worth);

    /// <summary>Tells the time.</summary>
    public TimeProvider Time { get; }

    /// <summary>What runs cost.</summary>
    public PassCost Cost { get; }

    /// <summary>Whether drafts are only for measuring, and are to be neither cut short nor left out.</summary>
    public bool IsFixed { get; init; }

    /// <summary>The most tokens of a draft.</summary>
    public int Most { get; init; } = MostTokens;

    /// <summary>How many tokens may be guessed now.</summary>
    /// <param name="free">Whether a guess costs next to nothing.</param>
    /// <returns>0 while the drafter rests, or while it is not known what a plain step costs.</returns>
    public int Room(bool free)
    {
        if (IsFixed)
            return Most;
        if (!Cost.IsKnown)
            return 0;
        if (free)
            return Most;

        double step = Cost.Of(1);
        _spent = _spent == 0 ? step / Forgotten : _spent;   // as if plain steps had gone before, so that there is something to try with
        (_spent, _lost) = (((1 - Forgotten) * _spent) + step, (1 - Forgotten) * _lost);
        if (_rests && _lost > 0.5 * Allowed * _spent)
            return 0;
        _rests = false;
        return Most;
    }

    /// <summary>How likely a token must be to be reached for its row to pay.</summary>
    /// <param name="rows">Rows that are computed in any case.</param>
    public double LeastReach(int rows) => IsFixed ? 0 : Math.Clamp((Cost.Of(rows + 1) - Cost.Of(rows)) / Cost.Of(rows), 0.01, 0.95);

    /// <summary>Keeps as much of a draft as is fastest.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="rows">Rows that are computed in any case.</param>
    /// <param name="drafting">How long guessing took.</param>
    public void Trim(Draft draft, int rows, TimeSpan drafting)
    {
        _drafting = drafting.TotalSeconds;
        if (IsFixed)
            return;

        draft.Judge(_worth);
        double expected = 1, best = Margin / (Cost.Of(rows) + _drafting), seconds = 0;
        int kept = 0, seen = 0;
        foreach ((_, double reach) in draft.Ranks())
        {
            expected += reach;
            seconds = Cost.Of(rows + ++seen) + _drafting;
            if (expected / seconds > best)
                (best, kept) = (expected / seconds, seen);
        }

        if (kept == 0 && draft.Count > 0 && ++_left % Anew == 0)
            kept = AnewTokens;   // the text may have become easier to guess since
        draft.Keep(kept);
    }

    /// <summary>Learns what came of a draft.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="path">The places of the tokens that were right, in order.</param>
    /// <param name="ended">Whether the text ended at the last of them, so that nothing is known of what follows it.</param>
    public void Learn(Draft draft, ReadOnlySpan<int> path, bool ended)
    {
        for (int step = 0; step <= path.Length; step++)
        {
            int parent = step == 0 ? -1 : path[step - 1], right = step < path.Length ? path[step] : -1;
            if (right < 0 && ended)
                break;
            foreach (DraftToken token in draft.Tokens)
            {
                if (token.Parent == parent)
                    Take(token.Confidence, right >= 0 && draft[right].Id == token.Id);
            }
        }
    }

    /// <summary>Seconds that a step saved.</summary>
    /// <param name="tokens">Tokens that it gave.</param>
    /// <param name="rows">Rows that would have been computed in any case.</param>
    /// <param name="drafted">Rows more.</param>
    public double Saved(int tokens, int rows, int drafted) => Cost.IsKnown ? (tokens * Cost.Of(rows)) - Cost.Of(rows + drafted) - _drafting : 0;

    /// <summary>The share of guesses of a confidence that were right.</summary>
    public double Worth(double confidence)
    {
        (double right, double asked) = _bands[Band(confidence)];
        return (right + (Prior * confidence)) / (asked + Prior);
    }

    private void Take(double confidence, bool right)
    {
        ref (double Right, double Asked) band = ref _bands[Band(confidence)];
        if (band.Asked >= Memory)
            band = (band.Right / 2, band.Asked / 2);
        band = (band.Right + (right ? 1 : 0), band.Asked + 1);
    }

    /// <summary>Lets a drafter rest whose steps are slower than plain ones.</summary>
    /// <param name="tokens">Tokens that the step gave.</param>
    /// <param name="rows">Rows that would have been computed in any case.</param>
    /// <param name="drafted">Rows more.</param>
    public void Judge(int tokens, int rows, int drafted)
    {
        if (IsFixed)
            return;

        double plain = tokens * Cost.Of(rows), took = Cost.Of(rows + drafted) + _drafting;
        _lost = Math.Max(-Credit * _spent, _lost + took - plain);
        _speedup += Weight * ((plain / took) - _speedup);
        bool loses = _speedup < (++_trials < Trial ? Hopeless : 1);
        if (loses && _lost > Allowed * _spent)
            (_rests, _trials, _speedup) = (true, 0, 1);
    }

    private static int Band(double confidence) => Math.Min(Bands - 1, (int)(confidence * Bands));
}
