namespace Thimble.Models.Files;

/// <summary>Falcon-H1's layers: nearly every product has a factor in config.json, which GGUF holds within the weights.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_falcon_h1</c>; llama.cpp, <c>conversion/falcon_h1.py</c>.</remarks>
internal static class FalconH1Factors
{
    /// <summary>The rows of a layer.</summary>
    public static TensorName[] Names { get; } =
    [
        new("input_layernorm", "attn_norm"), new("pre_ff_layernorm", "ffn_norm"),
        .. StateSpaceFamilies.Duality("mamba.", "mamba_n_groups").Select(name => name.Ours switch
        {
            "ssm_in" => name with { Make = Makings.Times((folder, row) => Of(folder, "ssm_in_multiplier") * OfPart(folder, row)) },
            "ssm_out" => name with { Make = Makings.Times((folder, _) => Of(folder, "ssm_out_multiplier")) },
            _ => name,
        }),
        Scaled("self_attn.q_proj", "attn_q", folder => Of(folder, "attention_in_multiplier")),
        Scaled("self_attn.k_proj", "attn_k", folder => Of(folder, "attention_in_multiplier") * Of(folder, "key_multiplier")),
        Scaled("self_attn.v_proj", "attn_v", folder => Of(folder, "attention_in_multiplier")),
        Scaled("self_attn.o_proj", "attn_output", folder => Of(folder, "attention_out_multiplier")),
        Scaled("feed_forward.gate_proj", "ffn_gate", folder => OfList(folder, "mlp_multipliers", 0)), new("feed_forward.up_proj", "ffn_up"),
        Scaled("feed_forward.down_proj", "ffn_down", folder => OfList(folder, "mlp_multipliers", 1)),
    ];

    private static TensorName Scaled(string theirs, string ours, Func<FolderSizes, double> factor) => new(theirs, ours) { Make = Makings.Times((folder, _) => factor(folder)) };

    private static double Of(FolderSizes folder, string field) => folder.Config.FindNumber(field) ?? 1;

    private static double OfList(FolderSizes folder, string field, int at) => folder.Config.FindNumbers(field) is { } all && at < all.Length ? all[at] : 1;

    /// <summary>The factor of a row of the state space's input: gates, values, B, C, time steps.</summary>
    private static double OfPart(FolderSizes folder, long row)
    {
        long inner = folder.Config.Size("mamba_d_ssm"), states = (long)folder.Config.Size("mamba_n_groups") * folder.Config.Size("mamba_d_state");
        long beyond = row - (2 * inner);
        return OfList(folder, "ssm_multipliers", row < inner ? 0 : beyond < 0 ? 1 : beyond < states ? 2 : beyond < 2 * states ? 3 : 4);
    }
}
