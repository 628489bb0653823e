using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>The sizes that config.json states, under whichever of its names.</summary>
/// <param name="Width">Width of the residual stream.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key-value heads.</param>
/// <param name="HeadSize">Width of a head.</param>
/// <param name="Vocabulary">Token ids.</param>
internal sealed record ModelShape(int Width, int Layers, int Heads, int KeyValueHeads, int HeadSize, int Vocabulary)
{
    private static readonly string[] s_whole = ["count", "window", "pattern"];   // what the keys of whole numbers end with

    /// <summary>Reads the sizes.</summary>
    /// <exception cref="InvalidDataException">One is missing or absurd.</exception>
    public static ModelShape Read(JsonFile config)
    {
        int width = config.Size("hidden_size", "n_embd"), heads = config.Size("num_attention_heads", "n_head");
        int layers = config.Size("num_hidden_layers", "n_layer");
        if (layers > FileCursor.MostLayers)
            throw new InvalidDataException($"'{config.Path}': 'num_hidden_layers' is {layers}; expected at most {FileCursor.MostLayers}.");

        int keyValueHeads = config.FindInteger("num_key_value_heads") is null ? heads : config.Size("num_key_value_heads");
        int headSize = config.FindInteger("head_dim") is null ? width / heads : config.Size("head_dim");
        if (heads % keyValueHeads != 0 || headSize == 0 || headSize % 2 != 0)
        {
            throw new InvalidDataException(
                $"'{config.Path}': {heads} heads of {headSize} over {keyValueHeads} key-value heads do not fit; " +
                "expected an even head width and key-value heads that divide the heads.");
        }

        return new(width, layers, heads, keyValueHeads, headSize, config.Size("vocab_size"));
    }

    /// <summary>Adds the architecture's keys.</summary>
    public void AddTo(ArchitectureKeys keys, JsonFile config, Family family)
    {
        keys.Add("vocab_size", Vocabulary)
            .Add("context_length", config.Size("max_position_embeddings", "n_positions", "n_ctx"))
            .Add("embedding_length", Width)
            .Add("block_count", Layers)
            .Add("feed_forward_length", config.FindInteger("intermediate_size", "n_inner") is null ? 4 * Width : config.Size("intermediate_size", "n_inner"))
            .Add("attention.head_count", Heads)
            .Add("attention.head_count_kv", KeyValueHeads);
        if (config.FindInteger("head_dim") is not null)
            keys.Add("attention.key_length", HeadSize).Add("attention.value_length", HeadSize);
        if (config.FindNumber("rms_norm_eps") is { } rms)
            keys.Add("attention.layer_norm_rms_epsilon", rms);
        if (config.FindNumber("layer_norm_epsilon", "layer_norm_eps", "norm_epsilon", "norm_eps") is { } epsilon)
            keys.Add("attention.layer_norm_epsilon", epsilon);
        if (family.Slides && config.FindInteger("sliding_window") is { } window)
            keys.Add("attention.sliding_window", window);
        AddChosen(keys, config, family);
        if (!family.Slides && config.FindFlag("use_sliding_window") == true)
            throw new NotSupportedException($"'{config.Path}': use_sliding_window is true; only false is known for architecture '{family.Architecture}'.");
    }

    /// <summary>Adds what the family copies, and which layers are local.</summary>
    private static void AddChosen(ArchitectureKeys keys, JsonFile config, Family family)
    {
        foreach ((string field, string key) in family.Numbers)
        {
            if (config.FindNumber(field) is not { } value)
                continue;
            if (value == Math.Floor(value) && Array.Exists(s_whole, end => key.EndsWith(end, StringComparison.Ordinal)))
                keys.Add(key, (long)value);
            else
                keys.Add(key, value);
        }

        foreach ((string field, string key) in family.Flags)
        {
            if (config.FindFlag(field) is { } flag)
                keys.Add(key, flag);
        }

        foreach ((string field, bool known) in family.Fixed)
        {
            if (config.FindFlag(field) is { } flag && flag != known)
                throw new NotSupportedException($"'{config.Path}': {field} is {flag}; only {known} is known for architecture '{family.Architecture}'.");
        }

        if (config.FindNumber("query_pre_attn_scalar") is > 0 and var size)
            keys.Add("attention.scale", 1 / MathF.Sqrt((float)size));
        if (family.Slides && config.FindElement("layer_types") is { ValueKind: JsonValueKind.Array } types)
        {
            long[] local = [.. types.EnumerateArray().Select(type => type.ValueEquals("sliding_attention") ? 1L : 0)];
            if (local.Distinct().Count() > 1)
                keys.Add("attention.sliding_window_pattern", local);
        }
        else if (family.Slides && config.FindInteger("sliding_window_pattern") is { } period)
        {
            keys.Add("attention.sliding_window_pattern", period);
        }
    }
}
