using Thimble.Sampling;

namespace Thimble;

/// <summary>How a token is chosen from what the model thinks of each; the defaults are llama.cpp's.</summary>
/// <remarks>A value out of its range is refused when it is set, by an exception that names the property. Where a model's file recommends
/// other values (<see cref="Model.DefaultSampling"/>), those stand in for the defaults of what is not set here.</remarks>
public sealed record SamplingOptions
{
    private static readonly string[] s_order = ["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"];
    private static readonly Dictionary<int, float> s_noBias = [];

    private Recommended _set;

    /// <summary>Always the likeliest token; of equal ones that with the lowest id. No recommendation of a model changes that.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0, RepetitionPenalty = 1, Order = s_order };

    /// <summary>Divides the logits: 0 or more, 0 is greedy decoding. Default 0.8 (llama.cpp).</summary>
    /// <remarks>In greedy decoding the steps that truncate play no part; bias, penalties and DRY do.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public float Temperature { get; init => field = Set(OptionRange.AtLeast(value, 0, nameof(Temperature)), Recommended.Temperature); } = 0.8f;

    /// <summary>Lets the temperature follow the model's doubt; null keeps it fixed. Default null (llama.cpp).</summary>
    public DynamicTemperatureOptions? DynamicTemperature { get; init; }

    /// <summary>Keeps this many of the likeliest tokens: 0 or more, 0 keeps all, 1 is greedy decoding. Default 40 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <remarks>Source: Fan et al., "Hierarchical Neural Story Generation", 2018, section 5.4.</remarks>
    public int TopK { get; init => field = Set(OptionRange.AtLeast(value, 0, nameof(TopK)), Recommended.TopK); } = 40;

    /// <summary>Keeps the fewest likeliest tokens that together reach this probability: 0 to 1, 1 keeps all. Default 0.95 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    /// <remarks>Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020, section 3.1.</remarks>
    public float TopP { get; init => field = Set(OptionRange.Within(value, 0, 1, nameof(TopP)), Recommended.TopP); } = 0.95f;

    /// <summary>Keeps tokens at least this share as likely as the likeliest: 0 to 1, 0 keeps all. Default 0.05 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    /// <remarks>Source: Nguyen et al., "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs", 2024, section 3.</remarks>
    public float MinP { get; init => field = Set(OptionRange.Within(value, 0, 1, nameof(MinP)), Recommended.MinP); } = 0.05f;

    /// <summary>Keeps the tokens whose surprise is nearest the expected one until they reach this probability: 0 to 1, 1 keeps all. Default 1 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    /// <remarks>Source: Meister et al., "Locally Typical Sampling", 2022, section 4.</remarks>
    public float TypicalP { get; init => field = OptionRange.Within(value, 0, 1, nameof(TypicalP)); } = 1;

    /// <summary>Keeps tokens whose logit is at most this many standard deviations below the greatest: 0 or more, 0 keeps all. Default 0 (llama.cpp: −1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    /// <remarks>Source: Tang et al., "Top-nσ: Not All Logits Are You Need", 2024, section 3.</remarks>
    public float TopNSigma { get; init => field = OptionRange.AtLeast(value, 0, nameof(TopNSigma)); }

    /// <summary>Divides the positive and multiplies the negative logits of tokens seen in <see cref="PenaltyWindow"/>: above 0, 1 does nothing. Default 1 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    /// <remarks>Source: Keskar et al., "CTRL", 2019, section 4.1, with the sign mended as all implementations do.</remarks>
    public float RepetitionPenalty { get; init => field = Set(OptionRange.Above(value, 0, nameof(RepetitionPenalty)), Recommended.RepetitionPenalty); } = 1;

    /// <summary>Subtracted from a token's logit once for each time it was seen in <see cref="PenaltyWindow"/>: any finite number. Default 0 (OpenAI).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float FrequencyPenalty { get; init => field = OptionRange.Finite(value, nameof(FrequencyPenalty)); }

    /// <summary>Subtracted from the logit of any token seen in <see cref="PenaltyWindow"/>: any finite number. Default 0 (OpenAI).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float PresencePenalty { get; init => field = OptionRange.Finite(value, nameof(PresencePenalty)); }

    /// <summary>How many of the latest tokens the three penalties look at, those of the prompt among them: 0 or more. Default 64 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int PenaltyWindow { get; init => field = Set(OptionRange.AtLeast(value, 0, nameof(PenaltyWindow)), Recommended.PenaltyWindow); } = 64;

    /// <summary>The penalty on long repetitions; null is off. Default null (llama.cpp).</summary>
    public DryOptions? Dry { get; init; }

    /// <summary>The removal of top choices; null is off. Default null (llama.cpp).</summary>
    public XtcOptions? Xtc { get; init => field = Set(value, Recommended.Xtc); }

    /// <summary>The control of surprise that replaces the truncating steps; null is off. Default null (llama.cpp).</summary>
    public MirostatOptions? Mirostat { get; init => field = Set(value, Recommended.Mirostat); }

    /// <summary>Added to the logits of tokens by id, before every step: finite, or −∞ for a token that must never come. Default none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative, or a bias is NaN or +∞.</exception>
    public IReadOnlyDictionary<int, float> LogitBias { get; init => field = CheckedBias(value); } = s_noBias;

    /// <summary>Names the random sequence; null takes one from the system's entropy, which the running generation reports. Default null.</summary>
    /// <remarks>The draw of the i-th generated token depends on the seed and on i alone, not on the batch or the machine.</remarks>
    public ulong? Seed { get; init; }

    /// <summary>The steps in the order in which they act, by llama.cpp's names; a step left out does not act. Default: penalties, dry, top_n_sigma,
    /// top_k, typ_p, top_p, min_p, xtc, temperature (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A name is unknown or stands twice.</exception>
    public IReadOnlyList<string> Order { get; init => field = Set(CheckedOrder(value), Recommended.Order); } = s_order;

    /// <summary>Whether an option that a model may recommend was set, even if to its default.</summary>
    internal bool Sets(Recommended option) => (_set & option) != 0;

    /// <summary>These options, and a model's recommendations for what is not set.</summary>
    internal SamplingOptions Over(SamplingOptions model) => this with
    {
        Temperature = Sets(Recommended.Temperature) ? Temperature : model.Temperature,
        TopK = Sets(Recommended.TopK) ? TopK : model.TopK,
        TopP = Sets(Recommended.TopP) ? TopP : model.TopP,
        MinP = Sets(Recommended.MinP) ? MinP : model.MinP,
        RepetitionPenalty = Sets(Recommended.RepetitionPenalty) ? RepetitionPenalty : model.RepetitionPenalty,
        PenaltyWindow = Sets(Recommended.PenaltyWindow) ? PenaltyWindow : model.PenaltyWindow,
        Xtc = Sets(Recommended.Xtc) ? Xtc : model.Xtc,
        Mirostat = Sets(Recommended.Mirostat) ? Mirostat : model.Mirostat,
        Order = Sets(Recommended.Order) ? Order : model.Order,
    };

    /// <summary>Whether the likeliest token is always taken.</summary>
    internal bool IsGreedy => Temperature == 0 || (TopK == 1 && Mirostat is null && Order.Contains("top_k"));

    private T Set<T>(T value, Recommended option)
    {
        _set |= option;
        return value;
    }

    private static Dictionary<int, float> CheckedBias(IReadOnlyDictionary<int, float> biases)
    {
        ArgumentNullException.ThrowIfNull(biases, nameof(LogitBias));
        foreach ((int id, float bias) in biases)
        {
            if (id < 0)
                throw OptionRange.Refused(id, nameof(LogitBias), $"LogitBias has the token id {id}; expected 0 or more.");
            if (float.IsNaN(bias) || float.IsPositiveInfinity(bias))
                throw OptionRange.Refused(bias, nameof(LogitBias), $"LogitBias[{id}] is {bias}; expected a finite number or −∞.");
        }

        return new Dictionary<int, float>(biases);
    }

    private static IReadOnlyList<string> CheckedOrder(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names, nameof(Order));
        for (int i = 0; i < names.Count; i++)
        {
            if (!SamplerSteps.IsKnown(names[i]))
                throw OptionRange.Refused(names[i], nameof(Order), $"Order names the step '{names[i]}', which is unknown; known: {SamplerSteps.Known}.");
            if (names.Take(i).Contains(names[i]))
                throw OptionRange.Refused(names[i], nameof(Order), $"Order names the step '{names[i]}' twice; expected once at most.");
        }

        return [.. names];
    }
}
