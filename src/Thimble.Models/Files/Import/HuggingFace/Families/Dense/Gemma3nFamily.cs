using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Gemma 3n's text: gains as they are, and the parts of its four streams. Images and sounds have no place here.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_gemma3n</c>; llama.cpp, <c>conversion/gemma.py</c>.</remarks>
internal static class Gemma3nFamily
{
    private const int Streams = 8;   // more than any model has

    [ModuleInitializer]
    internal static void Register() => Family.Add(
        new("gemma3n", "model.",
        [
            new("embed_tokens", "token_embd") { Make = Makings.Known }, new("norm", "output_norm"), new("lm_head", "output", Optional: true),
            new("embed_tokens_per_layer", "per_layer_token_embd"), new("per_layer_model_projection", "per_layer_model_proj"), new("per_layer_projection_norm", "per_layer_proj_norm"),
            .. Others("altup_projections", "altup_proj"), .. Others("altup_unembed_projections", "altup_unembd_proj"),
            .. new TensorName[]
            {
                new("input_layernorm", "attn_norm"), new("post_attention_layernorm", "post_attention_norm"), new("pre_feedforward_layernorm", "ffn_norm"),
                new("post_feedforward_layernorm", "post_ffw_norm"), new("mlp.gate_proj", "ffn_gate"), new("mlp.up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down"),
                new("altup.correct_output_scale", "altup_correct_scale.weight") { Whole = true }, new("altup.correction_coefs", "altup_correct_coef"),
                new("altup.prediction_coefs", "altup_predict_coef"), new("altup.modality_router", "altup_router"), new("altup.router_norm", "altup_router_norm"),
                new("laurel.linear_left", "laurel_l"), new("laurel.linear_right", "laurel_r"), new("laurel.post_laurel_norm", "laurel_post_norm"),
                new("per_layer_input_gate", "inp_gate"), new("per_layer_projection", "proj"), new("post_per_layer_input_norm", "post_norm"),
            }.Concat(GatedDecoder.Projections).Concat(GatedDecoder.HeadNorms()).Select(name => name.In("layers.#.")),
        ])
        {
            OtherPrefixes = ["model.language_model.", "language_model.model.", "language_model."],
            Beside = ["model.vision_tower.", "model.audio_tower.", "model.embed_vision.", "model.embed_audio.", "vision_tower.", "audio_tower.", "embed_vision.", "embed_audio."],
            TiesByDefault = true,
            Slides = true,
            DefaultTheta = 1_000_000,
            Numbers =
            [
                ("altup_num_inputs", "altup.num_inputs"), ("altup_active_idx", "altup.active_idx"), ("hidden_size_per_layer_input", "embedding_length_per_layer_input"),
                ("num_kv_shared_layers", "attention.shared_kv_layers"), ("final_logit_softcapping", "final_logit_softcapping"),
            ],
            Says = (keys, folder) =>
            {
                if (folder.Config.FindNumbers("activation_sparsity_pattern") is { } shares)
                    keys.Add("activation_sparsity_scale", [.. shares.Select(Deviations)]);
            },
        },
        "Gemma3nForConditionalGeneration", "Gemma3nForCausalLM");

    private static IEnumerable<TensorName> Others(string theirs, string ours) =>
        Enumerable.Range(0, Streams - 1).Select(at => new TensorName($"{theirs}.{at}", ours, Optional: at > 0) { Place = at });

    /// <summary>How many deviations above the mean of a normal distribution a share of it lies below.</summary>
    /// <remarks>Halving finds the point at which the error function's integral reaches the share; its series and continued fraction are exact to 1e-15.</remarks>
    private static double Deviations(double share)
    {
        if (share <= 0)
            return double.NegativeInfinity;
        double low = -8, high = 8;
        for (int i = 0; i < 80; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Below(middle) < share ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The share of a normal distribution below a point: ½ + φ(x) · Σ xⁿ / (1 · 3 · … · n), n odd.</summary>
    private static double Below(double x)
    {
        double term = x, sum = x;
        for (int n = 3; n < 400; n += 2)
            sum += term *= x * x / n;
        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
