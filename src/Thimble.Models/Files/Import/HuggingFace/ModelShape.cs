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
    private const int EndlessContext = 1 << 20;   // of models that carry a state and never say how far

    private static readonly string[] s_whole = ["count", "window", "pattern", "size", "kernel", "length", "rank", "idx", "step", "inputs", "layers", "cache", "func", "input", "_id"];   // what the keys of whole numbers end with

    /// <summary>Reads the sizes.</summary>
    /// <exception cref="InvalidDataException">One is missing or absurd.</exception>
    public static ModelShape Read(JsonFile config, Family family)
    {
        int width = config.Size("hidden_size", "n_embd", "n_embed", "d_model"), layers = config.Size("num_hidden_layers", "n_layer", "n_layers", "num_layers");
        if (layers > FileCursor.MostLayers)
            throw new InvalidDataException($"'{config.Path}': 'num_hidden_layers' is {layers}; expected at most {FileCursor.MostLayers}.");
        int vocabulary = config.Size("vocab_size");
        if (!family.Attends)
            return new(width, layers, 0, 0, 0, vocabulary);

        int heads = config.Size("num_attention_heads", "n_head", "n_heads", "num_heads");
        int keyValueHeads = KeyHeads(config) is { } given ? given : heads;
        int headSize = config.FindInteger("head_dim", "attention_head_dim", "d_kv") is null ? width / heads : config.Size("head_dim", "attention_head_dim", "d_kv");
        if (heads % keyValueHeads != 0 || headSize == 0 || headSize % 2 != 0)
        {
            throw new InvalidDataException(
                $"'{config.Path}': {heads} heads of {headSize} over {keyValueHeads} key-value heads do not fit; " +
                "expected an even head width and key-value heads that divide the heads.");
        }

        return new(width, layers, heads, keyValueHeads, headSize, vocabulary);
    }

    /// <summary>Adds the architecture's keys.</summary>
    public void AddTo(ArchitectureKeys keys, JsonFile config, Family family)
    {
        keys.Add("vocab_size", Vocabulary).Add("context_length", Context(config, family)).Add("embedding_length", Width).Add("block_count", Layers);
        AddWide(keys, config);
        AddHeads(keys, config, family);
        AddEpsilon(keys, config, family);
        if (family.Slides && config.FindInteger("sliding_window") is { } window)
            keys.Add("attention.sliding_window", window);
        AddChosen(keys, config, family);
        if (!family.Slides && config.FindFlag("use_sliding_window") == true)
            throw new NotSupportedException($"'{config.Path}': use_sliding_window is true; only false is known for architecture '{family.Architecture}'.");
    }

    /// <summary>Falcon says in flags how many heads share their keys and values, MPT within its attention's own object.</summary>
    private static int? KeyHeads(JsonFile config) =>
        config.FindFlag("multi_query") == true && config.FindFlag("new_decoder_architecture") != true ? 1
        : config.FindObject("attn_config")?.FindInteger("kv_n_heads") is not null ? config.FindObject("attn_config")!.Size("kv_n_heads")
        : config.FindInteger("num_key_value_heads", "num_kv_heads") is null ? null : config.Size("num_key_value_heads", "num_kv_heads");

    private static int Context(JsonFile config, Family family)
    {
        string[] fields = ["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length", "seq_length", "model_max_length"];
        if (config.FindInteger(fields) is { } given and (< 1 or > FileCursor.LargestDimension))
            throw new InvalidDataException($"'{config.Path}': the longest text has {given} tokens; expected 1 to {FileCursor.LargestDimension}.");
        return config.FindInteger(fields) is { } length ? (int)length
            : !family.Attends || !family.Rotates ? EndlessContext
            : config.Size(fields);
    }

    private void AddWide(ArchitectureKeys keys, JsonFile config)
    {
        string[] fields = ["intermediate_size_mlp", "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff"];
        if (Array.Find(fields, field => config.FindElement(field) is not null) is not { } field)
            keys.Add("feed_forward_length", 4 * Width);
        else if (config.FindElement(field) is { ValueKind: JsonValueKind.Array })
            keys.Add("feed_forward_length", config.FindIntegers(field)!);
        else
            keys.Add("feed_forward_length", config.Size(field));
    }

    private void AddHeads(ArchitectureKeys keys, JsonFile config, Family family)
    {
        if (family.AttendsIn is { } attends)
        {
            keys.Add("attention.head_count", Heads);
            keys.Add("attention.head_count_kv", [.. Enumerable.Range(0, Layers).Select(layer => attends(config, layer) ? KeyValueHeads : 0L)]);
        }
        else
        {
            keys.Add("attention.head_count", Heads);
            if (family.Attends)
                keys.Add("attention.head_count_kv", KeyValueHeads);
        }

        if (family.Attends && config.FindInteger("head_dim", "attention_head_dim", "d_kv") is not null)
            keys.Add("attention.key_length", HeadSize).Add("attention.value_length", HeadSize);
    }

    private static void AddEpsilon(ArchitectureKeys keys, JsonFile config, Family family)
    {
        string[] centred = ["layer_norm_epsilon", "layer_norm_eps", "norm_epsilon", "norm_eps"];
        double? plain = config.FindNumber("rms_norm_eps"), other = config.FindNumber(centred);
        if (family.PlainNorms is { } kind)
        {
            double? any = (kind ? plain ?? other : other ?? plain) ?? family.DefaultEpsilon;
            plain = kind ? any : null;
            other = kind ? null : any;
        }

        if (plain is { } rms)
            keys.Add("attention.layer_norm_rms_epsilon", rms);
        if (other is { } epsilon)
            keys.Add("attention.layer_norm_epsilon", epsilon);
        if (plain is null && other is null && family.DefaultEpsilon is { } usual)
            keys.Add("attention.layer_norm_epsilon", usual);
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

        foreach ((string field, string key) in family.Texts)
        {
            if (config.FindText(field) is { } text)
                keys.Add(key, text);
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
