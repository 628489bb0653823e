using System.Text.Json;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>How config.json stretches rotary positions, as GGUF's keys and the tensor <c>rope_freqs.weight</c>.</summary>
/// <remarks>Llama 3 slows the slow frequencies only, and by degrees between two wavelengths; GGUF has no keys for that, but a
/// divisor for each frequency. Source: llama.cpp, <c>generate_extra_tensors</c>; Hugging Face transformers, <c>modeling_rope_utils</c>.</remarks>
internal static class RopeParameters
{
    /// <summary>Adds the keys, and the divisors to the tensors where there are any.</summary>
    /// <exception cref="NotSupportedException">The kind of stretching is unknown.</exception>
    public static void AddTo(ArchitectureKeys keys, List<StoredTensor> tensors, JsonFile config, Family family, ModelShape shape)
    {
        JsonFile? all = config.FindObject("rope_parameters") ?? config.FindObject("rope_scaling");
        JsonFile? stretch = all?.FindObject("full_attention") ?? all;
        double theta = config.FindNumber("rope_theta", "rotary_emb_base", "global_rope_theta") ?? stretch?.FindNumber("rope_theta") ?? family.DefaultTheta;
        double share = config.FindNumber("partial_rotary_factor", "rotary_pct", "rope_pct") ?? stretch?.FindNumber("partial_rotary_factor") ?? 1;
        int turned = config.FindInteger("rotary_dim", "qk_rope_head_dim") is null ? (int)(share * shape.HeadSize) : config.Size("rotary_dim", "qk_rope_head_dim");
        int most = config.FindInteger("qk_rope_head_dim") is null ? shape.HeadSize : turned;
        if (turned < 2 || turned > most || turned % 2 != 0)
            throw new InvalidDataException($"'{config.Path}': a share of {share} of heads of {shape.HeadSize} turns; expected an even number of 2 to {shape.HeadSize} features.");
        string kind = stretch?.FindText("rope_type") ?? stretch?.FindText("type") ?? "default";
        if (kind == "dynamic" && stretch?.FindNumber("alpha") is > 0 and var alpha)   // Hunyuan's, which is but another base
            (kind, theta) = ("default", theta * Math.Pow(alpha, turned / (turned - 2.0)));
        keys.Add("rope.dimension_count", turned).Add("rope.freq_base", theta);
        if ((config.FindNumber("rope_local_base_freq", "local_rope_theta") ?? all?.FindObject("sliding_attention")?.FindNumber("rope_theta")) is { } local)
            keys.Add("rope.freq_base_swa", local);
        if (stretch is null || kind is "default" or "mrope")
            return;

        if (kind is "longrope" or "su")
        {
            AddLong(keys, tensors, stretch, config, turned / 2);
            return;
        }

        double factor = stretch.FindNumber("factor")
            ?? throw new InvalidDataException($"'{stretch.Path}' has no field 'factor', which rope type '{kind}' needs.");
        switch (kind)
        {
            case "linear":
                keys.Add("rope.scaling.type", kind).Add("rope.scaling.factor", factor);
                break;
            case "yarn":
                keys.Add("rope.scaling.type", kind).Add("rope.scaling.factor", factor);
                keys.Add("rope.scaling.original_context_length", OriginalContext(stretch, config));
                AddIfAny("yarn_ext_factor", "extrapolation_factor");
                AddIfAny("yarn_attn_factor", "attention_factor", "attn_factor");
                AddIfAny("yarn_beta_fast", "beta_fast");
                AddIfAny("yarn_beta_slow", "beta_slow");
                break;
            case "llama3":
                tensors.Add(Divisors(stretch, config, turned, theta, factor));
                break;
            default:
                throw new NotSupportedException($"'{stretch.Path}': rope type '{kind}' is unknown; known: default, linear, llama3, longrope, yarn.");
        }

        void AddIfAny(string key, params ReadOnlySpan<string> fields)
        {
            if (stretch.FindNumber(fields) is { } value)
                keys.Add("rope.scaling." + key, value);
        }
    }

    private static int OriginalContext(JsonFile stretch, JsonFile config)
    {
        const string field = "original_max_position_embeddings";
        return stretch.FindInteger(field) is not null ? stretch.Size(field) : config.Size(field, "max_position_embeddings");
    }

    /// <summary>Two sets of divisors, for short contexts and long, and the growth of values that goes with both.</summary>
    private static void AddLong(ArchitectureKeys keys, List<StoredTensor> tensors, JsonFile stretch, JsonFile config, int pairs)
    {
        int original = OriginalContext(stretch, config);
        double longer = (double)config.Size("max_position_embeddings") / original;
        keys.Add("rope.scaling.original_context_length", original);
        keys.Add("rope.scaling.attn_factor", stretch.FindNumber("attention_factor") ?? (longer > 1 ? Math.Sqrt(1 + (Math.Log(longer) / Math.Log(original))) : 1));
        foreach (string which in (string[])["long", "short"])
        {
            double[] divisors = stretch.FindElement(which + "_factor") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(one => one.GetDouble())] : [];
            if (divisors.Length != pairs)
                throw new InvalidDataException($"'{stretch.Path}': '{which}_factor' has {divisors.Length} numbers; expected {pairs}.");
            tensors.Add(Computed.Tensor($"rope_factors_{which}.weight", BlockFormats.Named("F32"), [pairs], memory =>
            {
                for (int i = 0; i < pairs; i++)
                    BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), (float)divisors[i]);
            }));
        }
    }

    private static StoredTensor Divisors(JsonFile stretch, JsonFile config, int headSize, double theta, double factor)
    {
        double low = stretch.FindNumber("low_freq_factor") ?? 1, high = stretch.FindNumber("high_freq_factor") ?? 4;
        int context = OriginalContext(stretch, config);
        return Computed.Tensor("rope_freqs.weight", BlockFormats.Named("F32"), [headSize / 2], memory =>
        {
            for (int i = 0; i < headSize / 2; i++)
            {
                double wavelength = 2 * double.Pi * double.Pow(theta, 2.0 * i / headSize);
                double smooth = double.Clamp(((context / wavelength) - low) / (high - low), 0, 1);   // 0 where slow, 1 where fast
                BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), (float)(1 / (((1 - smooth) / factor) + smooth)));
            }
        });
    }
}
