namespace Thimble.Cli.Options;

/// <summary>The knobs of samplers that are off unless asked for.</summary>
internal static class RareParameters
{
    private static readonly DryOptions s_noDry = new() { Multiplier = 0 };
    private static readonly XtcOptions s_noXtc = new() { Probability = 0 };
    private static readonly DynamicTemperatureOptions s_still = new() { Range = 0 };

    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("dry_multiplier", ["--dry-multiplier"], "X", "DRY: scale of the penalty on long repetitions; 0 (default) is off.",
            (s, v) => Dry(s, o => o with { Multiplier = Parameter.Number<float>(v) })),
        new("dry_base", ["--dry-base"], "X", "DRY: growth of the penalty with the length. Default 1.75.",
            (s, v) => Dry(s, o => o with { Base = Parameter.Number<float>(v) })),
        new("dry_allowed_length", ["--dry-allowed-length"], "N", "DRY: repetitions shorter than this go free. Default 2.",
            (s, v) => Dry(s, o => o with { AllowedLength = Parameter.Number<int>(v) })),
        new("dry_penalty_last_n", ["--dry-penalty-last-n"], "N", "DRY: how many tokens are searched; -1 (default) for all.",
            (s, v) => Dry(s, o => o with { Window = Parameter.Count(v, none: -1) })),
        new("dry_sequence_breaker", ["--dry-sequence-breaker"], "TEXT", "DRY: a text over which nothing is counted; 'none' for no such text. May be repeated.",
            (s, v) => Dry(s, o => o with { SequenceBreakers = v is ["none"] ? [] : v })) { Repeats = true },
        new("xtc_probability", ["--xtc-probability"], "P", "XTC: how often the top choices are removed; 0 (default) is never.",
            (s, v) => Xtc(s, o => o with { Probability = Parameter.Number<float>(v) })),
        new("xtc_threshold", ["--xtc-threshold"], "P", "XTC: what counts as a top choice. Default 0.1.",
            (s, v) => Xtc(s, o => o with { Threshold = Parameter.Number<float>(v) })),
        new("dynatemp_range", ["--dynatemp-range"], "X", "How far the temperature may follow the model's doubt; 0 (default) keeps it.",
            (s, v) => Dynamic(s, o => o with { Range = Parameter.Number<float>(v) })),
        new("dynatemp_exponent", ["--dynatemp-exp"], "X", "Bends the way from doubt to temperature. Default 1.",
            (s, v) => Dynamic(s, o => o with { Exponent = Parameter.Number<float>(v) })),
        new("mirostat", ["--mirostat"], "0|2", "2 controls surprise in place of the truncating samplers; 0 (default) is off.",
            (s, v) => Parameters.Sampled(s, o => o with { Mirostat = Mirostat(v[^1], o.Mirostat) })),
        new("mirostat_tau", ["--mirostat-ent"], "X", "Mirostat: target surprise in bits; turns it on. Default 5.",
            (s, v) => Parameters.Sampled(s, o => o with { Mirostat = (o.Mirostat ?? new()) with { Tau = Parameter.Number<float>(v) } })),
        new("mirostat_eta", ["--mirostat-lr"], "X", "Mirostat: learning rate; turns it on. Default 0.1.",
            (s, v) => Parameters.Sampled(s, o => o with { Mirostat = (o.Mirostat ?? new()) with { Eta = Parameter.Number<float>(v) } })),
    ];

    private static RunSettings Dry(RunSettings settings, Func<DryOptions, DryOptions> change) =>
        Parameters.Sampled(settings, o => o with { Dry = change(o.Dry ?? s_noDry) });

    private static RunSettings Xtc(RunSettings settings, Func<XtcOptions, XtcOptions> change) =>
        Parameters.Sampled(settings, o => o with { Xtc = change(o.Xtc ?? s_noXtc) });

    private static RunSettings Dynamic(RunSettings settings, Func<DynamicTemperatureOptions, DynamicTemperatureOptions> change) =>
        Parameters.Sampled(settings, o => o with { DynamicTemperature = change(o.DynamicTemperature ?? s_still) });

    private static MirostatOptions? Mirostat(string version, MirostatOptions? before) => version switch
    {
        "0" => null,
        "2" => before ?? new(),
        _ => throw new ArgumentException($"Version '{version}' is unknown; known: 0 (off), 2.", nameof(version)),
    };
}
