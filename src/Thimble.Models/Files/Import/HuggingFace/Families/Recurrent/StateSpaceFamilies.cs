using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Mamba, Falcon Mamba and Mamba 2, and what others have of them.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_mamba</c>, <c>modeling_falcon_mamba</c> and <c>modeling_mamba2</c>; llama.cpp, <c>conversion/mamba.py</c>.</remarks>
internal static class StateSpaceFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] ends = [new("embeddings", "token_embd"), new("embedding", "token_embd", Optional: true), new("norm_f", "output_norm"), new("lm_head", "output", Optional: true)];
        Family.Add(
            new("mamba", "backbone.", [.. ends.Take(1), .. ends.Skip(2), .. Selective("mixer.").Append(new("norm", "attn_norm")).Select(name => name.In("layers.#."))])
            {
                Attends = false,
                Rotates = false,
                TiesByDefault = true,
                PlainNorms = true,
                DefaultEpsilon = 1e-5,
                Numbers = [("conv_kernel", "ssm.conv_kernel"), ("state_size", "ssm.state_size")],
                Says = (keys, folder) => keys.Add("ssm.inner_size", folder.Config.FindInteger("intermediate_size") ?? (folder.Shape.Width * (folder.Config.FindInteger("expand") ?? 2)))
                    .Add("ssm.time_step_rank", StepRank(folder, "time_step_rank")).Add("ssm.dt_b_c_rms", folder.Config.FindText("model_type") == "falcon_mamba"),
            },
            "MambaForCausalLM", "FalconMambaForCausalLM");
        Family.Add(
            new("mamba2", "backbone.", [.. ends.Take(1), .. ends.Skip(2), .. Duality("mixer.", "n_groups").Append(new("norm", "attn_norm")).Select(name => name.In("layers.#."))])
            {
                OtherPrefixes = ["model.backbone.", "model."],
                Attends = false,
                Rotates = false,
                PlainNorms = true,
                DefaultEpsilon = 1e-5,
                Numbers = [("conv_kernel", "ssm.conv_kernel"), ("state_size", "ssm.state_size"), ("n_groups", "ssm.group_count"), ("num_heads", "ssm.time_step_rank")],
                Says = (keys, folder) => keys.Add("ssm.inner_size", folder.Config.FindInteger("num_heads") * folder.Config.FindInteger("head_dim") ?? (2 * folder.Shape.Width)),
            },
            "Mamba2ForCausalLM");
    }

    /// <summary>A layer's selective state space.</summary>
    /// <param name="at">What stands before its names.</param>
    /// <param name="optional">Whether some layers have none.</param>
    internal static IEnumerable<TensorName> Selective(string at, bool optional = false) =>
    [
        new(at + "in_proj", "ssm_in", Optional: optional), new(at + "conv1d", "ssm_conv1d", Optional: optional) { Make = SqueezedWeight },
        new(at + "x_proj", "ssm_x", Optional: optional), new(at + "dt_proj", "ssm_dt", Optional: optional),
        new(at + "A_log", "ssm_a", Optional: optional) { Whole = true, Make = Makings.Rates }, new(at + "D", "ssm_d", Optional: optional) { Whole = true },
        new(at + "out_proj", "ssm_out", Optional: optional),
    ];

    /// <summary>A layer's state space of the second kind.</summary>
    /// <param name="at">What stands before its names.</param>
    /// <param name="groupsField">The field with the groups of its norm.</param>
    /// <param name="optional">Whether some layers have none.</param>
    internal static IEnumerable<TensorName> Duality(string at, string groupsField, bool optional = false) =>
    [
        new(at + "in_proj", "ssm_in", Optional: optional), new(at + "conv1d", "ssm_conv1d", Optional: optional) { Make = SqueezedWeight },
        new(at + "A_log", "ssm_a", Optional: optional) { Whole = true, Make = Makings.Rates }, new(at + "D", "ssm_d", Optional: optional) { Whole = true, Make = Makings.Column },
        new(at + "dt_bias", "ssm_dt.bias", Optional: optional) { Whole = true }, new(at + "norm", "ssm_norm", Optional: true) { Make = Makings.Parted(groupsField) },
        new(at + "out_proj", "ssm_out", Optional: optional),
    ];

    /// <summary>The rank of time steps: the field's, or where that says "auto" a sixteenth of the width.</summary>
    internal static long StepRank(FolderSizes folder, string field) =>
        folder.Config.FindElement(field) is { ValueKind: System.Text.Json.JsonValueKind.Number } ? folder.Config.Size(field) : (folder.Shape.Width + 15) / 16;

    /// <summary>A convolution of each channel by itself, without the channel it would share with none.</summary>
    internal static StoredTensor SqueezedWeight(StoredTensor stored, int part, FolderSizes folder) =>
        stored.Shape.Count == 3 ? Makings.Squeezed(stored, part, folder) : stored;
}
