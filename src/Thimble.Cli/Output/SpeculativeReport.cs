using Thimble.Cli.Commands;

namespace Thimble.Cli.Output;

/// <summary>The outcome of <c>bench --speculative --json</c>.</summary>
internal sealed record SpeculativeReport(string Model, string Draft, IReadOnlyList<SpeculativeScore> Categories);

/// <summary>What guessing was worth on questions of one kind.</summary>
internal sealed record SpeculativeScore(
    string Category, int Questions, int LeftOut, double PlainTokensPerSecond, double DraftedTokensPerSecond, double SpeedUp, int Steps, int Drafted, int Accepted, double MeanLength, double SavedMs)
{
    /// <summary>Sums a kind up.</summary>
    public static SpeculativeScore Of(string category, int questions, int leftOut, Answer plain, Answer drafted)
    {
        double before = plain.Tokens / Math.Max(1e-9, plain.Decode.TotalSeconds), after = drafted.Tokens / Math.Max(1e-9, drafted.Decode.TotalSeconds);
        return new(category, questions, leftOut, before, after, before > 0 ? after / before : 0, drafted.Drafts.Steps, drafted.Drafts.Drafted, drafted.Drafts.Accepted,
            drafted.Drafts.MeanLength, drafted.Drafts.Saved.TotalMilliseconds);
    }
}

/// <summary>What came of guesses, in <c>run --json</c>.</summary>
internal sealed record DraftReport(int Steps, int Drafted, int Accepted, double MeanLength, double SavedMs)
{
    /// <summary>Reports them; null where nothing was guessed.</summary>
    public static DraftReport? Of(DraftStatistics drafts) => drafts.Steps == 0 ? null
        : new(drafts.Steps, drafts.Drafted, drafts.Accepted, Math.Round(drafts.MeanLength, 3), Math.Round(drafts.Saved.TotalMilliseconds, 3));
}
