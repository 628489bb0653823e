using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>How config.json stretches rotary positions, as GGUF's keys and the tensor <c>rope_freqs.weight</c>.</summary>
/// <remarks>Llama 3 slows the slow frequencies only, and by degrees between two wavelengths; GGUF has no keys for that, but a
/// divisor for each frequency. Source: llama.cpp, <c>generate_extra_tensors</c>; Hugging Face transformers, <c>modeling_rope_utils</c>.</remarks>
internal static class RopeParameters
{
    private const double DefaultTheta = 10000;

    /// <summary>Adds the keys, and the divisors to the tensors where there are any.</summary>
    /// <exception cref="NotSupportedException">The kind of stretching is unknown.</exception>
    public static void AddTo(ArchitectureKeys keys, List<StoredTensor> tensors, JsonFile config, ModelShape shape)
    {
        JsonFile? stretch = config.FindObject("rope_parameters") ?? config.FindObject("rope_scaling");
        double theta = config.FindNumber("rope_theta") ?? stretch?.FindNumber("rope_theta") ?? DefaultTheta;
        keys.Add("rope.dimension_count", shape.HeadSize).Add("rope.freq_base", theta);
        string kind = stretch?.FindText("rope_type") ?? stretch?.FindText("type") ?? "default";
        if (stretch is null || kind == "default")
            return;

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
                tensors.Add(Divisors(stretch, config, shape.HeadSize, theta, factor));
                break;
            default:
                throw new NotSupportedException($"'{stretch.Path}': rope type '{kind}' is unknown; known: default, linear, llama3, yarn.");
        }

        void AddIfAny(string key, params ReadOnlySpan<string> fields)
        {
            if (stretch.FindNumber(fields) is { } value)
                keys.Add("rope.scaling." + key, value);
        }
    }

    private static int OriginalContext(JsonFile stretch, JsonFile config) =>
        stretch.FindInteger("original_max_position_embeddings") is null ? config.Size("max_position_embeddings") : stretch.Size("original_max_position_embeddings");

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
