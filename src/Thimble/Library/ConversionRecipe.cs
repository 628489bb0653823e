using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Library;

/// <summary>Which format each tensor of a model gets when another one is asked for.</summary>
/// <param name="file">The model.</param>
/// <param name="asked">The format asked for; null keeps all as they are.</param>
/// <param name="pure">Whether the head gets no finer format than asked for.</param>
internal sealed class ConversionRecipe(ModelFile file, BlockFormat? asked, bool pure)
{
    /// <summary>Parts of the names of matrices that are small, and whose rounding shows.</summary>
    private static readonly string[] s_sensitive =
    [
        "_norm", "ffn_gate_inp", "altup", "laurel", "per_layer_model_proj", "position_embd", "token_types", "ssm_conv1d", "shortconv.conv", "attn_rel_b",
        "time_mix_first", "time_mix_decay", "time_mix_lerp", "time_mix_w0", "time_mix_w1", "time_mix_w2", "time_mix_v0", "time_mix_v1", "time_mix_v2",
        "time_mix_a0", "time_mix_a1", "time_mix_a2", "time_mix_g1", "time_mix_g2",
    ];

    private static readonly string[] s_spare = ["IQ4_NL", "Q5_0", "Q5_1", "Q8_0", "F16"];

    private readonly string _head = file.TryGetTensor("output.weight", out _) ? "output.weight" : "token_embd.weight";

    /// <summary>The format a tensor gets, and why where it is not the one asked for.</summary>
    public (BlockFormat Format, string? Note) For(StoredTensor tensor)
    {
        BlockFormat stored = tensor.BlockFormat;
        if (asked is null)
            return (stored, null);
        if (tensor.Shape.Count(size => size > 1) < 2)
            return (stored.Name is "F16" or "BF16" or "F64" ? BlockFormats.Named("F32") : stored, null);
        if (!IsMatrix(tensor.Name))
            return (stored, null);

        bool isHead = tensor.Name == _head;
        BlockFormat wanted = isHead && !pure && asked.BitsPerWeight < Finer.BitsPerWeight ? Finer : asked;
        string? note = wanted == asked ? null : $"it scores the vocabulary, so it is stored as {wanted} instead of {asked}";
        if (tensor.Columns % wanted.BlockLength == 0)
            return (wanted, note);

        BlockFormat spare = Spare(wanted, tensor.Columns);
        return (spare, $"its rows of {tensor.Columns} values are not whole {wanted} blocks of {wanted.BlockLength}, so it is stored as {spare}");
    }

    private static BlockFormat Finer => BlockFormats.Named("Q6_K");

    private static bool IsMatrix(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) && !Array.Exists(s_sensitive, part => name.Contains(part, StringComparison.Ordinal));

    private static BlockFormat Spare(BlockFormat wanted, long columns)
    {
        foreach (string name in s_spare)
        {
            var spare = BlockFormats.Named(name);
            if (spare.BitsPerWeight > wanted.BitsPerWeight && columns % spare.BlockLength == 0)
                return spare;
        }

        return BlockFormats.Named("F32");
    }
}
