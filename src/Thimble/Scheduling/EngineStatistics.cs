namespace Thimble.Scheduling;

/// <summary>What a model's engine has done since it was opened, and how it stands after its latest step.</summary>
internal readonly record struct EngineStatistics
{
    /// <summary>Generations that wait to be let in, those behind which a reader lags among them.</summary>
    public int Queued { get; init; }

    /// <summary>Generations that take part in steps.</summary>
    public int Running { get; init; }

    /// <summary>Steps computed.</summary>
    public long Steps { get; init; }

    /// <summary>Prompt tokens computed.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens written.</summary>
    public long WrittenTokens { get; init; }

    /// <summary>Prompts whose beginning was looked up in the prefix cache.</summary>
    public long PrefixLookups { get; init; }

    /// <summary>Those of them whose beginning was known.</summary>
    public long PrefixHits { get; init; }

    /// <summary>Tokens that needed no computing, since the prefix cache had them.</summary>
    public long SavedTokens { get; init; }

    /// <summary>Blocks that the prefix cache gave up.</summary>
    public long Evictions { get; init; }

    /// <summary>Times that a running generation gave up what was computed of it.</summary>
    public long Preemptions { get; init; }

    /// <summary>Pages of the cache that somebody uses, the prefix cache among them.</summary>
    public int UsedPages { get; init; }

    /// <summary>Pages that only the prefix cache uses.</summary>
    public int PrefixPages { get; init; }

    /// <summary>Pages that nobody uses, those not yet made included.</summary>
    public int FreePages { get; init; }

    /// <summary>Rows of the latest step.</summary>
    public int StepRows { get; init; }

    /// <summary>Generations in the latest step.</summary>
    public int StepSequences { get; init; }

    /// <summary>How long the latest step took.</summary>
    public TimeSpan StepTime { get; init; }

    /// <summary>How long all steps took.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>How much of that was spent neither computing nor choosing tokens.</summary>
    public TimeSpan Overhead { get; init; }

    /// <summary>Rows of a step on average.</summary>
    public double RowsPerStep => Steps == 0 ? 0 : (double)(PromptTokens + WrittenTokens) / Steps;
}
