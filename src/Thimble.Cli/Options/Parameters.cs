using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;

namespace Thimble.Cli.Options;

/// <summary>All knobs of generation, by the names that llama-cli and ollama gave them.</summary>
internal static class Parameters
{
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("num_predict", ["--n-predict", "--predict", "-n"], "N", "Tokens to generate at most; -1 (default) for as many as fit.",
            (s, v) => s with { Generation = s.Generation with { MaxTokens = Parameter.Count(v, none: -1) } }),
        new("num_ctx", ["--ctx-size", "-c"], "N", "Tokens of the context; 0 (default) for what the model was made for.",
            (s, v) => s with { Opening = s.Opening with { ContextLength = Parameter.Count(v, none: 0) } }) { AtOpening = true },
        new("num_thread", ["--threads", "-t"], "N", "Threads that compute; 0 (default) for one on each physical core.",
            (s, v) => s with { Opening = s.Opening with { Threads = Parameter.Count(v, none: 0) } }) { AtOpening = true },
        new("cache_type", ["--cache-type", "--cache-type-k", "-ctk"], "TYPE", "How keys and values are kept: F16 (default), BF16, F32, Q8_0 or Q4_0.",
            (s, v) => s with { Opening = s.Opening with { CacheFormat = Cache(v[^1]) } }) { AtOpening = true },
        new("exact", ["--exact"], null, "Compute with 32-bit activations: slow, for reference results.",
            (s, _) => s with { Opening = s.Opening with { Exact = true } }) { AtOpening = true },
        new("no_repack", ["--no-repack"], null, "Multiply weights as they lie in the file: opens at once, in little memory, and is slower.",
            (s, _) => s with { Opening = s.Opening with { Packed = false } }) { AtOpening = true },
        .. BudgetParameters.All,
        new("draft", ["--draft", "--model-draft", "-md"], "WHO", "Who guesses tokens ahead: auto, lookup, off (default), a smaller model, heads, exit:N or lookahead; the text stays the same.",
            (s, v) => s with { Opening = s.Opening with { Draft = v[^1] } }) { AtOpening = true },
        new("draft_memory", ["--draft-memory"], "SIZE", "Memory that guessing may take, such as 200MB.",
            (s, v) => s with { Opening = s.Opening with { DraftMemory = Units.Size(v[^1]) } }) { AtOpening = true },
        new("draft_learn", ["--draft-learn"], "FILE", "Train the smaller model on what this one says, and write it here at the end.",
            (s, v) => s with { Opening = s.Opening with { LearntDraft = v[^1] } }) { AtOpening = true },
        new("stream_memory", ["--stream-memory"], "SIZE", "Keep at most so much of the layers in memory and read the others from disk for every step.",
            (s, v) => s with { Opening = s.Opening with { StreamMemory = Units.Size(v[^1]) } }) { AtOpening = true },
        new("temperature", ["--temperature", "--temp"], "T", "Temperature; 0 always takes the likeliest token. Default: the model's, or 0.8.",
            (s, v) => Sampled(s, o => o with { Temperature = Parameter.Number<float>(v) })),
        new("top_k", ["--top-k"], "N", "Keep the N likeliest tokens; 0 keeps all. Default: the model's, or 40.",
            (s, v) => Sampled(s, o => o with { TopK = Parameter.Number<int>(v) })),
        new("top_p", ["--top-p"], "P", "Keep the likeliest tokens that reach P together; 1 keeps all. Default: the model's, or 0.95.",
            (s, v) => Sampled(s, o => o with { TopP = Parameter.Number<float>(v) })),
        new("min_p", ["--min-p"], "P", "Keep tokens at least P times as likely as the likeliest; 0 keeps all. Default: the model's, or 0.05.",
            (s, v) => Sampled(s, o => o with { MinP = Parameter.Number<float>(v) })),
        new("typical_p", ["--typical-p", "--typical"], "P", "Keep tokens of typical surprise; 1 (default) keeps all.",
            (s, v) => Sampled(s, o => o with { TypicalP = Parameter.Number<float>(v) })),
        new("top_n_sigma", ["--top-n-sigma", "--top-nsigma"], "N", "Keep tokens within N standard deviations of the best logit; 0 (default) keeps all.",
            (s, v) => Sampled(s, o => o with { TopNSigma = Parameter.Number<float>(v) })),
        new("repeat_penalty", ["--repeat-penalty"], "X", "Penalty on tokens seen lately; 1 is none. Default: the model's, or 1.",
            (s, v) => Sampled(s, o => o with { RepetitionPenalty = Parameter.Number<float>(v) })),
        new("repeat_last_n", ["--repeat-last-n"], "N", "How many tokens are seen lately; -1 for all. Default 64.",
            (s, v) => Sampled(s, o => o with { PenaltyWindow = Parameter.Number<int>(v) is >= 0 and var n ? n : AllTokens(v) })),
        new("frequency_penalty", ["--frequency-penalty"], "X", "Penalty for each time a token was seen. Default 0.",
            (s, v) => Sampled(s, o => o with { FrequencyPenalty = Parameter.Number<float>(v) })),
        new("presence_penalty", ["--presence-penalty"], "X", "Penalty once a token was seen. Default 0.",
            (s, v) => Sampled(s, o => o with { PresencePenalty = Parameter.Number<float>(v) })),
        .. RareParameters.All,
        new("samplers", ["--samplers"], "LIST", "The samplers in order, with semicolons between them.",
            (s, v) => Sampled(s, o => o with { Order = v[^1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) })),
        new("seed", ["--seed", "-s"], "N", "Seed of the random sequence; -1 (default) takes a new one each time.",
            (s, v) => Sampled(s, o => o with { Seed = Seed(v[^1]) })),
        new("logit_bias", ["--logit-bias", "-l"], "ID(+/-)X", "Makes a token likelier or not: 15043+1, 15043-1, 15043-inf. May be repeated.",
            (s, v) => Sampled(s, o => o with { LogitBias = v.Select(Bias).ToDictionary() })) { Repeats = true },
        new("stop", ["--stop", "--reverse-prompt", "-r"], "TEXT", "A text at which to stop. May be repeated.",
            (s, v) => s with { Generation = s.Generation with { Stop = Stops(v) } }) { Repeats = true },
        .. FormatParameters.All,
        new("ignore_eos", ["--ignore-eos"], null, "Go on after the model has ended its text.",
            (s, _) => s with { Generation = s.Generation with { IgnoreEnd = true } }),
        new("special", ["--special"], null, "Show special tokens.",
            (s, _) => s with { Generation = s.Generation with { ShowSpecial = true } }),
    ];

    /// <summary>The settings with changed sampling.</summary>
    public static RunSettings Sampled(RunSettings settings, Func<SamplingOptions, SamplingOptions> change) =>
        settings with { Generation = settings.Generation with { Sampling = change(settings.Generation.Sampling) } };

    /// <summary>The settings that a command line asks for.</summary>
    /// <exception cref="ArgumentException">A value is none, or out of range.</exception>
    public static RunSettings Read(ParseResult parsed, IReadOnlyList<Option> options) => Read(parsed, options, All);

    /// <summary>The settings that a command line with some of the knobs asks for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The knobs' options.</param>
    /// <param name="knobs">The knobs, in the same order.</param>
    /// <exception cref="ArgumentException">A value is none, or out of range.</exception>
    public static RunSettings Read(ParseResult parsed, IReadOnlyList<Option> options, IReadOnlyList<Parameter> knobs)
    {
        RunSettings settings = new();
        for (int i = 0; i < options.Count; i++)
        {
            if (parsed.GetResult(options[i]) is not { Implicit: false } result)
                continue;
            string[] values = [.. result.Tokens.Select(token => token.Value)];
            if (knobs[i].Value is not null || result.GetValueOrDefault<bool>())
                settings = knobs[i].Apply(settings, values, knobs[i].Flags[0]);
        }

        return settings;
    }

    private static string Cache(string name) => name.ToUpperInvariant() is ("F16" or "BF16" or "F32" or "Q8_0" or "Q4_0") and var known
        ? known
        : throw new ArgumentException($"'{name}' is unknown; known: F16, BF16, F32, Q8_0, Q4_0.", nameof(name));

    private static int AllTokens(string[] values) => values[^1] == "-1" ? int.MaxValue : throw new ArgumentException($"{values[^1]} is too small; expected 0 or more, or -1 for all.", nameof(values));

    private static ulong? Seed(string text) => text == "-1" ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed
        : throw new ArgumentException($"'{text}' is no whole number from 0 to {ulong.MaxValue}, nor -1.", nameof(text));

    private static KeyValuePair<int, float> Bias(string text)
    {
        int mark = text.AsSpan().IndexOfAny('+', '-');
        string bias = mark < 0 ? "" : text[mark..];
        float value = 0;
        bool forbids = bias.Equals("-inf", StringComparison.OrdinalIgnoreCase) || bias.Equals("-false", StringComparison.OrdinalIgnoreCase);
        return mark > 0
            && int.TryParse(text.AsSpan(0, mark), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && (forbids || float.TryParse(bias, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            ? new(id, forbids ? float.NegativeInfinity : value)
            : throw new ArgumentException($"'{text}' is no bias; expected a token's id, a sign and a number, as in 15043-1.", nameof(text));
    }

    private static string[] Stops(string[] values) => Array.Exists(values, string.IsNullOrEmpty)
        ? throw new ArgumentException("A stop text is empty; expected at least one character.", nameof(values))
        : values;
}
