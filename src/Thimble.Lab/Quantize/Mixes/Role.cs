namespace Thimble.Lab.Quantize;

/// <summary>What a matrix does in a model, as far as mixes tell it apart.</summary>
internal enum Role
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>Scores the vocabulary.</summary>
    Head,

    /// <summary>Token ids to vectors.</summary>
    Embedding,

    /// <summary>Gives attention's values, alone or with queries and keys.</summary>
    Value,

    /// <summary>Gives attention's keys.</summary>
    Key,

    /// <summary>Gives attention's queries.</summary>
    Query,

    /// <summary>Joins attention's heads.</summary>
    Output,

    /// <summary>The second matrix of a feed-forward part.</summary>
    Down,

    /// <summary>A first matrix of a feed-forward part.</summary>
    Up,

    /// <summary>The other first matrix of a feed-forward part.</summary>
    Gate,
}

/// <summary>Tells roles by names.</summary>
internal static class Roles
{
    /// <summary>Parts of names, the first that fits decides.</summary>
    private static readonly (string Part, Role Role)[] s_parts =
    [
        ("attn_qkv.weight", Role.Value), ("attn_kv_b.weight", Role.Value), ("attn_v.weight", Role.Value), ("attn_k.weight", Role.Key),
        ("attn_q.weight", Role.Query), ("attn_output.weight", Role.Output), ("ffn_up", Role.Up), ("ffn_gate", Role.Gate), ("ffn_down", Role.Down),
    ];

    /// <summary>Parts of the names of matrices that are small, and whose rounding shows.</summary>
    private static readonly string[] s_kept =
    [
        "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj", "position_embd", "token_types",
        "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "attn_rel_b.weight",
        "time_mix_first.weight", "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight",
        "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight", "time_mix_g2.weight",
        "time_mix_decay", "time_mix_lerp",
        "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger", "a.rvq.codebook", "mm.a.code_embd",
    ];

    /// <summary>The role of a tensor.</summary>
    public static Role Of(string name) => name switch
    {
        "output.weight" => Role.Head,
        "token_embd.weight" or "per_layer_token_embd.weight" => Role.Embedding,
        _ => Array.Find(s_parts, part => name.Contains(part.Part, StringComparison.Ordinal)).Role,
    };

    /// <summary>Whether a tensor is a matrix that is made smaller at all.</summary>
    public static bool IsShrunk(string name) =>
        name.EndsWith("weight", StringComparison.Ordinal) && !Array.Exists(s_kept, part => name.Contains(part, StringComparison.Ordinal));
}
