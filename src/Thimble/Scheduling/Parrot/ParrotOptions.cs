namespace Thimble.Scheduling;

/// <summary>How a <see cref="Parrot"/> runs calls.</summary>
public sealed record ParrotOptions
{
    /// <summary>The most tokens that calls on one model hold together while one of them is wanted soon: fewer make each faster.</summary>
    public int LatencyTokens { get; init; } = 4096;

    /// <summary>The most calls on one model while one of them is wanted soon.</summary>
    public int LatencyCalls { get; init; } = 4;

    /// <summary>The most tokens that calls on one model hold together otherwise.</summary>
    public int ThroughputTokens { get; init; } = 65_536;

    /// <summary>The most calls on one model otherwise.</summary>
    public int ThroughputCalls { get; init; } = 64;

    /// <summary>How long a session lives that nobody uses.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most calls that have not ended.</summary>
    public int MaxCalls { get; init; } = 1024;

    /// <summary>The most calls of one tenant that have not ended.</summary>
    public int MaxCallsOfTenant { get; init; } = 1024;

    /// <summary>The most sessions of one tenant that are open.</summary>
    public int MaxSessions { get; init; } = 1024;

    /// <summary>The most characters that the sessions of one tenant keep: templates, values that are given, and 256 for each variable.</summary>
    public long MaxCharacters { get; init; } = 64 << 20;

    /// <summary>Tokens of the longest prompt of a call.</summary>
    internal int LongestPrompt { get; init; } = int.MaxValue;

    /// <summary>Whether calls run as what is asked for says; if not, each as one that is wanted soon. For comparison.</summary>
    internal bool Deduces { get; init; } = true;

    /// <summary>Whether calls that begin alike go to one model. For comparison.</summary>
    internal bool Gathers { get; init; } = true;
}

/// <summary>What a call was given when it began to run, for measurements and tests.</summary>
/// <param name="Call">The call's number.</param>
/// <param name="Engine">The model's number.</param>
/// <param name="Beside">Calls that ran on it then, this one included.</param>
/// <param name="Objective">How it is to run.</param>
internal readonly record struct CallTrace(long Call, int Engine, int Beside, CallObjective Objective);
