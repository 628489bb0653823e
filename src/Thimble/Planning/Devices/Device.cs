namespace Thimble.Planning;

/// <summary>A device as its maker describes it; what a table says and nobody here has measured.</summary>
/// <param name="Name">Its name.</param>
public sealed record Device(string Name)
{
    /// <summary>32-bit floats.</summary>
    public const string F32 = "F32";

    /// <summary>16-bit floats, of either kind.</summary>
    public const string F16 = "F16";

    /// <summary>8-bit whole numbers.</summary>
    public const string I8 = "I8";

    /// <summary>4-bit whole numbers.</summary>
    public const string I4 = "I4";

    /// <summary>What class it is of, such as <c>GPU</c>, <c>TPU</c>, <c>CPU</c>, <c>phone</c> or <c>board</c>.</summary>
    public string Class { get; init; } = "";

    /// <summary>Bytes of its memory; 0 where the table does not say.</summary>
    public double MemoryBytes { get; init => field = Sane(nameof(MemoryBytes), value, 1e16); }

    /// <summary>Bytes a second that its memory gives.</summary>
    public double MemoryBytesPerSecond { get; init => field = Sane(nameof(MemoryBytesPerSecond), value, 1e15); }

    /// <summary>Bytes of its on-chip buffer or last cache; 0 where the table does not say.</summary>
    public double OnChipBytes { get; init => field = Sane(nameof(OnChipBytes), value, 1e12); }

    /// <summary>Bytes a second that its on-chip buffer gives; 0 where the table does not say.</summary>
    public double OnChipBytesPerSecond { get; init => field = Sane(nameof(OnChipBytesPerSecond), value, 1e17); }

    /// <summary>Operations a second in each kind of number; a multiply-add counts as two.</summary>
    public IReadOnlyDictionary<string, double> OperationsPerSecond { get; init => field = Sane(value); } = new Dictionary<string, double>();

    /// <summary>Bytes a second of a link to another of its kind; 0 for none.</summary>
    public double LinkBytesPerSecond { get; init => field = Sane(nameof(LinkBytesPerSecond), value, 1e15); }

    /// <summary>Seconds that a message takes to arrive over such a link.</summary>
    public double LinkSeconds { get; init => field = Sane(nameof(LinkSeconds), value, 10); }

    /// <summary>Bytes a second that its disk or flash gives; 0 where the table does not say.</summary>
    public double StorageBytesPerSecond { get; init => field = Sane(nameof(StorageBytesPerSecond), value, 1e13); }

    /// <summary>Watts at full load; 0 where the table does not say.</summary>
    public double Watts { get; init => field = Sane(nameof(Watts), value, 1e6); }

    /// <summary>Where the numbers come from.</summary>
    public string Source { get; init; } = "";

    /// <summary>Operations a second in a kind of number, or in the next wider one that it has.</summary>
    /// <param name="number">Such as <see cref="F16"/>.</param>
    /// <exception cref="NotSupportedException">It has none; the message lists those it has.</exception>
    public double Peak(string number)
    {
        string[] wider = [I4, I8, F16, F32];
        int at = Array.IndexOf(wider, number);
        for (int i = Math.Max(at, 0); i < wider.Length; i++)
        {
            if (OperationsPerSecond.TryGetValue(wider[i], out double peak))
                return peak;
        }

        throw new NotSupportedException($"'{Name}' has no rate for {number}; known: {string.Join(", ", OperationsPerSecond.Keys)}.");
    }

    private static IReadOnlyDictionary<string, double> Sane(IReadOnlyDictionary<string, double> rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        foreach ((string number, double rate) in rates)
        {
            if (Sane($"OperationsPerSecond[{number}]", rate, 1e19) == 0)
                throw new ArgumentOutOfRangeException(nameof(rates), rate, $"OperationsPerSecond[{number}] is 0; leave a number out that the device cannot compute in.");
        }

        return rates;
    }

    private static double Sane(string name, double value, double most) => value >= 0 && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; expected 0 to {most:g2}."));
}
