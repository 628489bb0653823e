using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Prompt tuning, P-tuning and prefix tuning in PEFT's layout: one tensor, <c>prompt_embeddings</c>.</summary>
/// <remarks>Source: PEFT, <c>tuners/prefix_tuning</c>, <c>tuners/p_tuning</c>, <c>tuners/prompt_tuning</c>, and <c>peft_model.py</c>, for names and
/// order: a prefix's row holds a key and a value of each layer, keys as they are after rotation.</remarks>
internal static class PeftLead
{
    private const string Name = "prompt_embeddings";

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">The tensor is missing or of another shape than the config says.</exception>
    public static AdapterFile Read(string folder, JsonFile config, Safetensors weights, PeftModules modules)
    {
        if (!weights.TryGet(Name, out SafeTensor? rows) || rows.Shape.Count != 2)
            throw new InvalidDataException($"'{weights.Path}' has no matrix '{Name}'.");
        if (config.FindInteger("num_virtual_tokens") is { } count && count != rows.Shape[0])
            throw new InvalidDataException($"Tensor '{Name}' of '{weights.Path}' has {rows.Shape[0]} rows; 'num_virtual_tokens' of '{config.Path}' is {count}.");
        bool prefix = config.FindText("peft_type") == "PREFIX_TUNING";
        return new(folder) { Lead = new(rows.Stored(Name), prefix, prefix && modules.PairsKeys) };
    }
}
