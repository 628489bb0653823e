using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>Attention heads and their sizes as metadata give them, for a whole model or layer by layer.</summary>
/// <param name="From">The file.</param>
internal readonly record struct HeadCounts(Blueprint From)
{
    /// <summary>Query heads of a layer.</summary>
    public int Heads(int layer) => At("attention.head_count", layer) is > 0 and var heads
        ? heads
        : throw From.Wrong("attention.head_count", At("attention.head_count", layer) ?? 0, $"at least 1 in layer {layer}");

    /// <summary>Key-value heads of a layer, of which each serves equally many query heads.</summary>
    public int KeyHeads(int layer)
    {
        int heads = Heads(layer), keyHeads = At("attention.head_count_kv", layer) ?? heads;
        return keyHeads > 0 && heads % keyHeads == 0
            ? keyHeads
            : throw From.Wrong("attention.head_count_kv", keyHeads, $"a divisor of {heads}, the heads of layer {layer}");
    }

    /// <summary>Key-value heads of a layer, where the file lists them layer by layer; 0 for one without attention.</summary>
    public int? Listed(int layer) =>
        From.File.Metadata.TryGet($"{From.File.Architecture}.attention.head_count_kv", out object? value) && value is MetadataArray
            ? At("attention.head_count_kv", layer)
            : null;

    /// <summary>Floats of a head's key.</summary>
    public int KeySize => Size("attention.key_length");

    /// <summary>Floats of a head's value.</summary>
    public int ValueSize => Size("attention.value_length");

    private int Size(string key)
    {
        if (From.File.FindInt(key) is { } given)
            return given > 0 ? given : throw From.Wrong(key, given, "at least 1");
        HeadCounts counts = this;
        int heads = Enumerable.Range(0, From.Layers).Select(layer => counts.At("attention.head_count", layer) ?? 0).Max();
        return heads > 0 && From.Width >= heads ? From.Width / heads : throw From.Wrong("attention.head_count", heads, $"1 to {From.Width}");
    }

    private int? At(string key, int layer)
    {
        if (!From.File.Metadata.TryGet($"{From.File.Architecture}.{key}", out object? value) || value is not MetadataArray array)
            return From.File.FindInt(key);
        return layer < array.Count
            ? (int)Math.Clamp(array.Integers()[layer], -1, int.MaxValue)
            : throw From.Wrong(key, $"an array of {array.Count}", $"an element for layer {layer}");
    }
}
