using System.Globalization;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>A model known by its config.json alone: the family's table names its tensors, the sizes give their shapes.</summary>
/// <remarks>Biases are left out, of which config.json seldom tells; they cost next to nothing.</remarks>
internal static class HuggingFaceConfig
{
    /// <summary>Whether a path leads to one.</summary>
    public static bool Recognises(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(path);

    /// <summary>The model without its weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The format of its matrices.</param>
    /// <exception cref="InvalidDataException">A size is missing or absurd.</exception>
    /// <exception cref="NotSupportedException">The architecture is unknown; the message lists the known ones.</exception>
    public static ModelFile Open(string path, BlockFormat format)
    {
        var whole = JsonFile.Read(path);
        var family = Family.Of(path, HuggingFaceFolder.ClassName(whole));
        JsonFile config = whole.Inner("text_config", "llm_config");
        family = family.Variant?.Invoke(config) ?? family;
        var shape = ModelShape.Read(config, family);
        var sizes = new Sizes(config, shape);
        bool tied = config.FindFlag("tie_word_embeddings") ?? family.TiesByDefault;
        List<Outline> outlines = [];
        foreach (TensorName name in family.Tensors)
        {
            foreach (string part in name.Parts.Where(part => !(tied && part == "output")))
                AddOutlines(part, name.Whole);
        }

        var keys = new ArchitectureKeys(family.Architecture, path, 1);
        shape.AddTo(keys, config, family);
        family.Says?.Invoke(keys, new(shape, config, 0));
        List<StoredTensor> none = [];
        if (family.Rotates)
            RopeParameters.AddTo(keys, none, config, family, shape);
        return HollowModel.Of(path, keys.Metadata, [.. outlines, .. none.Select(tensor => new Outline(tensor))]);

        void AddOutlines(string part, bool whole)
        {
            if (sizes.Of(part.Split('.')[^1], family) is not { } size)
                return;
            for (int layer = 0; layer < (part.Contains('#', StringComparison.Ordinal) ? shape.Layers : 1); layer++)
            {
                string full = part.Replace("#", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + (whole ? "" : ".weight");
                outlines.Add(new(full, size.Length == 1 ? BlockFormats.Named("F32") : HollowModel.Fitting(format, size[0]), size));
            }
        }
    }

    /// <summary>What a tensor's role says of its shape.</summary>
    private sealed class Sizes(JsonFile config, ModelShape shape)
    {
        private readonly long _wide = config.FindInteger("intermediate_size", "n_inner") ?? (4 * shape.Width);
        private readonly long _experts = config.FindInteger("num_local_experts", "num_experts") ?? 0;

        /// <summary>The shape of a role, row length first; null where this model has no such tensor.</summary>
        public long[]? Of(string role, Family family)
        {
            long width = shape.Width, queries = (long)shape.Heads * shape.HeadSize, keys = (long)shape.KeyValueHeads * shape.HeadSize;
            long expert = config.FindInteger("moe_intermediate_size") ?? _wide, shared = config.FindInteger("shared_expert_intermediate_size") ?? 0;
            bool whole = family.Architecture == "olmo2";   // norms all heads together
            return role switch
            {
                "token_embd" or "output" => [width, shape.Vocabulary],
                "position_embd" => [width, config.Size("max_position_embeddings", "n_positions", "n_ctx")],
                "attn_q" => [width, queries],
                "attn_k" or "attn_v" => [width, keys],
                "attn_qkv" => [width, queries + (2 * keys)],
                "attn_output" => [queries, width],
                "attn_q_norm" => [whole ? queries : shape.HeadSize],
                "attn_k_norm" => [whole ? keys : shape.HeadSize],
                "ffn_gate_inp" => _experts > 0 ? [width, _experts] : null,
                "ffn_gate_exps" or "ffn_up_exps" => _experts > 0 ? [width, expert, _experts] : null,
                "ffn_down_exps" => _experts > 0 ? [expert, width, _experts] : null,
                "ffn_gate_shexp" or "ffn_up_shexp" => shared > 0 ? [width, shared] : null,
                "ffn_down_shexp" => shared > 0 ? [shared, width] : null,
                "ffn_gate_inp_shexp" => shared > 0 ? [width, 1] : null,
                "ffn_gate" => _experts > 0 ? null : [width, _wide],
                "ffn_up" => _experts > 0 ? null : [width, family.Architecture == "phi3" ? 2 * _wide : _wide],
                "ffn_down" => _experts > 0 ? null : [_wide, width],
                "bias" or "scale" => null,   // biases, preferences and factors cost next to nothing
                _ when role.EndsWith("norm", StringComparison.Ordinal) || role == "token_types" => [width],
                _ => throw new NotSupportedException(
                    $"'{config.Path}' does not say how large '{role}' of architecture '{family.Architecture}' is; give the folder with its weights."),
            };
        }
    }
}
