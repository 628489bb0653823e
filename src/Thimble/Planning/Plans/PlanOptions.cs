namespace Thimble.Planning;

/// <summary>A budget for running a model: what is not stated is free.</summary>
public sealed record PlanOptions
{
    /// <summary>Bytes of memory for everything; null for what is free on the machine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 MiB.</exception>
    public long? MemoryBytes { get; init => field = value < 1 << 20 ? throw Refused(nameof(MemoryBytes), value, "at least 1048576") : value; }

    /// <summary>The longest until the first token; null for any time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public TimeSpan? FirstToken { get; init => field = value <= TimeSpan.Zero ? throw Refused(nameof(FirstToken), value, "more than 0") : value; }

    /// <summary>The longest for each further token, at the end of a full context; null for any time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public TimeSpan? PerToken { get; init => field = value <= TimeSpan.Zero ? throw Refused(nameof(PerToken), value, "more than 0") : value; }

    /// <summary>Tokens that a sequence must hold; null for as many as fit, at most what the model was made for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Context { get; init => field = value < 1 ? throw Refused(nameof(Context), value, "1 or more") : value; }

    /// <summary>Tokens of a prompt until whose end the first token waits; null for 512, or half the context if that is less.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Prompt { get; init => field = value < 1 ? throw Refused(nameof(Prompt), value, "1 or more") : value; }

    /// <summary>Sequences that run side by side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Users { get; init => field = value < 1 ? throw Refused(nameof(Users), value, "1 or more") : value; } = 1;

    /// <summary>Weight formats that may be chosen; null for the usual ones, empty for none but the model's own.</summary>
    public IReadOnlyList<string>? Formats { get; init; }

    /// <summary>Threads that must be used; null for the best number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Threads { get; init => field = value < 1 ? throw Refused(nameof(Threads), value, "1 or more") : value; }

    /// <summary>How keys and values must be stored; null for the best way.</summary>
    public string? CacheFormat { get; init; }

    /// <summary>A small model that may draft; null for none.</summary>
    public string? Drafter { get; init; }

    /// <summary>How likely a drafted token is accepted, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public double Acceptance { get; init => field = value is >= 0 and <= 1 ? value : throw Refused(nameof(Acceptance), value, "0 to 1"); } = 0.6;

    /// <summary>The machine; null for this one as it was profiled, or as a short measurement finds it.</summary>
    public Machine? Machine { get; init; }

    /// <summary>A device of the table in the machine's place; null for the machine.</summary>
    public Device? Device { get; init; }

    private static ArgumentOutOfRangeException Refused(string name, object? value, string expected) =>
        new(name, value, FormattableString.Invariant($"{name} is {value}; expected {expected}."));
}
