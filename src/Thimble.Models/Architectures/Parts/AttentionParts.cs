using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>Attention as files hold it: the tensors that a layer has decide whether projections are fused, and about biases,
/// norms and sinks; the rest is said here.</summary>
/// <param name="From">The file.</param>
internal sealed record AttentionParts(Blueprint From)
{
    /// <summary>Rotary positions of a layer; null for none.</summary>
    public Func<int, Rope?> Rope { get; init; } = _ => null;

    /// <summary>Which layers see only keys near by; null for none.</summary>
    public LocalLayers? Local { get; init; }

    /// <summary>Factor on scores; null for the file's, or else <c>1/√(key size)</c>.</summary>
    public float? Scale { get; init; }

    /// <summary>Scores become <c>cap · tanh(score / cap)</c>; 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Taken from a score per token of distance, one for each head; null for none.</summary>
    public float[]? Slopes { get; init; }

    /// <summary>Whether queries and keys are normalised after they turn.</summary>
    public bool NormsLast { get; init; }

    /// <summary>Normalises queries and keys of a layer that has no such norms of its own; null for none.</summary>
    public Func<int, Norm?> HeadNorm { get; init; } = _ => null;

    /// <summary>Factor on queries of a layer by position; null for none.</summary>
    public Func<int, AttentionTemperature?> Temperature { get; init; } = _ => null;

    /// <summary>Normalises values; null for none.</summary>
    public Norm? ValueNorm { get; init; }

    /// <summary>The layer whose keys and values a layer meets in place of own ones; null for own ones.</summary>
    public Func<int, GroupedAttention?> Lender { get; init; } = _ => null;

    /// <summary>Whether each head's query has a gate of its outcome beside it.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether a token sees no later ones.</summary>
    public bool Causal { get; init; } = From.File.FindFlag("attention.causal") ?? true;

    /// <summary>Whether biases beside the queries', keys' and values' matrices count.</summary>
    public bool InputBias { get; init; } = true;

    /// <summary>Whether factors beside the queries', keys' and values' matrices count.</summary>
    public bool InputScale { get; init; } = true;

    /// <summary>Whether the bias of the output counts.</summary>
    public bool OutputBias { get; init; } = true;

    /// <summary>The attention of a layer.</summary>
    public GroupedAttention At(int layer)
    {
        string at = $"blk.{layer}.";
        var counts = new HeadCounts(From);
        int heads = counts.Heads(layer);
        var keys = new HeadShape(counts.KeyHeads(layer), counts.KeySize, counts.ValueSize);
        if (Gated && keys.KeySize != keys.ValueSize)
            throw From.Wrong("attention.value_length", keys.ValueSize, $"{keys.KeySize}, the key length, where queries have gates beside them");
        Linear output = From.Linear(at + "attn_output", From.Width, heads * keys.ValueSize, scaled: true);
        GroupedAttention? lender = Lender(layer);
        Linear queries = lender is null ? Qkv(at, heads, keys) : Queries(at, heads, keys);
        Norm? queryNorm = HeadNormOf(at + "attn_q_norm", heads, keys.KeySize) ?? HeadNorm(layer);
        return new GroupedAttention(
            queries, OutputBias ? output : output with { Bias = null }, heads, keys, Rule(layer, at, heads),
            Rope(layer), queryNorm, queryNorm is null ? null : HeadNormOf(at + "attn_k_norm", keys.Heads, keys.KeySize) ?? HeadNorm(layer))
        {
            NormsLast = NormsLast,
            VNorm = ValueNorm,
            Lender = lender,
            Gated = Gated,
            Clamp = From.Setting("attention.clamp_kqv") ?? 0,
            Temperature = Temperature(layer),
            Inner = From.FindNorm(at + "attn_sub_norm"),
        };
    }

    /// <summary>Slopes that fall by equal ratios from head to head (ALiBi).</summary>
    /// <remarks>Source: Press et al., "Train Short, Test Long", 2022, section 3; between powers of two, every other slope of twice as many heads.</remarks>
    /// <param name="heads">Heads.</param>
    /// <param name="bias">8 in the paper: the last slope is 2⁻⁸.</param>
    public static float[] Alibi(int heads, float bias)
    {
        int even = 1 << (int)Math.Log2(heads);
        return [.. Enumerable.Range(0, heads).Select(head => head < even
            ? MathF.Pow(2, -bias * (head + 1) / even)
            : MathF.Pow(2, -bias * ((2 * (head - even)) + 1) / (2 * even)))];
    }

    private Linear Qkv(string at, int heads, HeadShape keys)
    {
        int queryRows = (Gated ? 2 : 1) * heads * keys.KeySize, keyRows = keys.Heads * keys.KeySize, valueRows = keys.Heads * keys.ValueSize;
        int rows = queryRows + keyRows + valueRows;
        if (From.File.TryGetTensor(at + "attn_qkv.weight", out StoredTensor? fused) && fused.Rows == 3L * queryRows)
            rows = 3 * queryRows;   // Qwen's, which has room for a key and a value to every query, used or not
        Linear qkv = From.FindLinear(at + "attn_qkv", rows, From.Width, InputScale) ?? Linear.Stack(
            From.Linear(at + "attn_q", queryRows, From.Width, InputScale),
            From.Linear(at + "attn_k", keyRows, From.Width, InputScale),
            From.Linear(at + "attn_v", valueRows, From.Width, InputScale));
        return InputBias ? qkv : qkv with { Bias = null };
    }

    private Linear Queries(string at, int heads, HeadShape keys)
    {
        Linear queries = From.Linear(at + "attn_q", heads * keys.KeySize, From.Width, InputScale);
        return InputBias ? queries : queries with { Bias = null };
    }

    private AttentionRule Rule(int layer, string at, int heads) => new(
        Scale ?? From.Setting("attention.scale") ?? (1 / MathF.Sqrt(new HeadCounts(From).KeySize)),
        Causal, Local?.Covers(layer) == true ? Local.Window : 0, SoftCap: SoftCap, Slopes: Slopes,
        Sinks: From.FindVector(at + "attn_sinks.weight", heads))
    {
        Chunked = Local?.Chunked ?? false,
        Around = Local?.Around ?? false,
    };

    private Norm? HeadNormOf(string name, int heads, int size) => From.FindNorm(name) is not { } norm
        ? null
        : norm.Gain!.Length == size || norm.Gain.Length == heads * size
            ? norm.Centred ? norm : norm with { Bias = null }   // beside an RMS norm of heads, files have held biases that nobody counts
            : throw new InvalidDataException(
                $"Tensor '{name}.weight' of '{From.File.Path}' has {norm.Gain.Length} values; the metadata ask for {size} or {heads * size}.");
}
