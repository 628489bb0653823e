using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>What a trained model grows to; sizes that are not given stay.</summary>
public sealed record GrowthOptions
{
    /// <summary>Its new name.</summary>
    public string? Name { get; init; }

    /// <summary>Features of a token vector.</summary>
    public int? Width { get; init; }

    /// <summary>Query heads, of the size that they have; key heads grow with them.</summary>
    public int? Heads { get; init; }

    /// <summary>Features inside the feed-forward.</summary>
    public int? Wide { get; init; }

    /// <summary>The longest sequence.</summary>
    public int? Context { get; init; }

    /// <summary>Tokens that are added to the vocabulary as marks: never written by the text of a user. Those that it has are not added again.</summary>
    public ImmutableArray<string> Tokens { get; init; } = [];

    /// <summary>Which token ends an answer; null for what the model has.</summary>
    public string? End { get; init; }

    /// <summary>A chat template; null for the model's own.</summary>
    public string? Template { get; init; }

    internal static GrowthOptions Read(RecipeKeys keys)
    {
        var options = new GrowthOptions
        {
            Name = keys.Text("name"),
            Width = keys.Whole("width"),
            Heads = keys.Whole("heads"),
            Wide = keys.Whole("wide"),
            Context = keys.Whole("context"),
            Tokens = [.. keys.Text("tokens")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []],
            End = keys.Text("end"),
            Template = keys.Path("template") is { } path ? File.ReadAllText(path) : null,
        };
        keys.RequireAllUsed();
        return options;
    }
}

/// <summary>Makes a trained model wider without changing what it computes, so that training goes on with more room.</summary>
/// <remarks><para>New features of the residual stream are zero at first, since nothing writes to them, and what reads them is drawn at
/// random; new heads and new features inside are drawn at random, and what reads them is zero. RMS norms spread over more features are
/// made smaller by <c>√(old/new)</c>, and their ε by its square. So every new number has a gradient, and all outcomes stay.</para>
/// <para>Source: Chen et al., "Net2Net", 2016; Gesmundo and Maile, "Composable Function-preserving Expansions for Transformer
/// Architectures", 2023.</para></remarks>
internal sealed partial class Growth
{
    /// <summary>What rows and columns of a tensor count: tokens, width, heads, key heads, features inside, or what stays.</summary>
    private static readonly Dictionary<string, (char Rows, char Columns)> s_axes = new()
    {
        ["token_embd"] = ('t', 'w'),
        ["per_layer_token_embd"] = ('t', '-'),
        ["per_layer_model_proj"] = ('-', 'w'),
        ["per_layer_proj_norm"] = ('-', '-'),
        ["output"] = ('t', 'r'),
        ["output_norm"] = ('-', 'n'),
        ["attn_norm"] = ('-', 'n'),
        ["ffn_norm"] = ('-', 'n'),
        ["post_norm"] = ('-', 'n'),
        ["attn_qkv"] = ('q', 'r'),
        ["attn_q"] = ('h', 'r'),
        ["attn_k"] = ('k', 'r'),
        ["attn_v"] = ('k', 'r'),
        ["attn_output"] = ('w', 'h'),
        ["ffn_gate"] = ('f', 'r'),
        ["ffn_up"] = ('f', 'r'),
        ["ffn_down"] = ('w', 'f'),
        ["inp_gate"] = ('-', 'r'),
        ["proj"] = ('w', '-'),
    };

    private readonly ModelFile _source;
    private readonly GrowthOptions _options;
    private readonly string[] _texts;
    private readonly Random _random;
    private readonly string _prefix;
    private readonly Dictionary<char, (int Old, int New)> _sizes = [];

    private Growth(ModelFile source, GrowthOptions options, int seed)
    {
        (_source, _random, _prefix) = (source, new Random(seed), source.Architecture);
        int heads = Count("attention.head_count"), keyHeads = source.FindInt("attention.head_count_kv") ?? heads, width = Count("embedding_length"), size = source.FindInt("attention.key_length") ?? width / heads;
        _texts = source.Metadata.TryGet("tokenizer.ggml.tokens", out object? list) && list is MetadataArray array ? [.. array.Texts()] : throw new InvalidDataException($"'{source.Path}' has no tokenizer; it cannot be taught texts.");
        _options = options = options with { Tokens = [.. options.Tokens.Where(token => !_texts.Contains(token))] };
        int tokens = _texts.Length;
        int moreHeads = options.Heads ?? heads;
        if (moreHeads * keyHeads % heads != 0)
            throw new ArgumentException($"{moreHeads} heads cannot share key heads as {heads} heads share {keyHeads}; expected a multiple of {heads / keyHeads}.");
        Add('t', "tokens", tokens, tokens + options.Tokens.Length);
        Add('w', "width", width, options.Width ?? width);
        Add('h', "heads", heads * size, moreHeads * size);
        Add('k', "heads", keyHeads * size, moreHeads * keyHeads / heads * size);
        Add('f', "wide", Count("feed_forward_length"), options.Wide ?? Count("feed_forward_length"));
        (_sizes['r'], _sizes['n']) = (_sizes['w'], _sizes['w']);
    }

    /// <summary>The grown model; it keeps what it grew from open.</summary>
    /// <param name="source">A model of the Llama line, or one with per-layer embeddings.</param>
    /// <param name="options">What it grows to.</param>
    /// <param name="seed">Names the random numbers.</param>
    /// <exception cref="ArgumentException">A size is smaller than it was, or heads do not fit.</exception>
    /// <exception cref="NotSupportedException">The model has a tensor of which it is not known how it grows.</exception>
    public static ModelFile Of(ModelFile source, GrowthOptions options, int seed)
    {
        var growth = new Growth(source, options, seed);
        return new ModelFile(source.Path, growth.Describe(), [.. source.Tensors.Select(growth.Grown)], source);
    }

    [GeneratedRegex(@"^(blk\.\d+\.)?(?<name>\w+)\.weight$")]
    private static partial Regex TensorName { get; }

    private int Count(string key) => _source.FindInt(key) ?? throw new InvalidDataException($"'{_source.Path}' has no '{_prefix}.{key}'.");

    private void Add(char axis, string name, int old, int made) =>
        _sizes.Add(axis, made >= old ? (old, made) : throw new ArgumentException($"A model grows, it does not shrink: '{name}' comes to {made}, it is {old}."));

    private Metadata Describe()
    {
        var metadata = new Metadata();
        foreach (string key in _source.Metadata.Keys)
        {
            if (_source.Metadata.TryGet(key, out object? value))
                metadata.Add(key, value);
        }

        (int width, int wider) = _sizes['w'];
        int size = _source.FindInt("attention.key_length") ?? width / Count("attention.head_count");
        metadata.Set("general.name", _options.Name ?? _source.Metadata.FindText("general.name") ?? "grown");
        metadata.Set("general.file_type", 0L);
        metadata.Set($"{_prefix}.embedding_length", (long)wider);
        metadata.Set($"{_prefix}.attention.layer_norm_rms_epsilon", _source.Float("attention.layer_norm_rms_epsilon") * (double)width / wider);
        metadata.Set($"{_prefix}.feed_forward_length", (long)_sizes['f'].New);
        metadata.Set($"{_prefix}.attention.head_count", (long)_sizes['h'].New / size);
        metadata.Set($"{_prefix}.attention.head_count_kv", (long)_sizes['k'].New / size);
        metadata.Set($"{_prefix}.attention.key_length", (long)size);
        metadata.Set($"{_prefix}.attention.value_length", (long)size);
        metadata.Set($"{_prefix}.vocab_size", (long)_sizes['t'].New);
        metadata.Set($"{_prefix}.context_length", (long)(_options.Context ?? Count("context_length")));
        if (_options.Template is not null)
            metadata.Set("tokenizer.chat_template", _options.Template);
        if (_options.Tokens.Length > 0)
            AddTokens(metadata);
        if (_options.End is { } end)
        {
            long place = Array.IndexOf((string[])[.. _texts, .. _options.Tokens], end);
            metadata.Set("tokenizer.ggml.eot_token_id", place >= 0 ? place : throw new ArgumentException($"'{end}' is to end a turn, but is none of the vocabulary's tokens and none of those that are added: {string.Join(' ', _options.Tokens)}."));
        }

        return metadata;
    }

    private void AddTokens(Metadata metadata)
    {
        metadata.Set("tokenizer.ggml.tokens", MetadataArray.Of([.. _texts, .. _options.Tokens]));
        long[] kinds = _source.Metadata.TryGet("tokenizer.ggml.token_type", out object? held) ? ((MetadataArray)held).Integers() : [.. Enumerable.Repeat(1L, _texts.Length)];
        metadata.Set("tokenizer.ggml.token_type", MetadataArray.Of([.. kinds, .. Enumerable.Repeat(3L, _options.Tokens.Length)]));   // control
        if (_source.Metadata.TryGet("tokenizer.ggml.scores", out object? scores))
            metadata.Set("tokenizer.ggml.scores", MetadataArray.Of([.. ((MetadataArray)scores).Numbers(), .. Enumerable.Repeat(0.0, _options.Tokens.Length)]));
    }

    private StoredTensor Grown(StoredTensor tensor)
    {
        string name = TensorName.Match(tensor.Name).Groups["name"].Value;
        if (!s_axes.TryGetValue(name, out (char Rows, char Columns) axes))
            throw new NotSupportedException($"'{_source.Path}' has a tensor '{tensor.Name}', and it is not known how it grows; known: {string.Join(", ", s_axes.Keys.Order(StringComparer.Ordinal))}.");
        int[] rows = Places(tensor, axes.Rows, tensor.Rows), columns = Places(tensor, axes.Columns, tensor.Columns);
        float[] old = tensor.Values(), values = new float[rows.Length * columns.Length];
        (int width, int wider) = _sizes['w'];
        float scale = axes.Columns == 'n' ? MathF.Sqrt((float)width / wider) : 1;   // what per_layer_model_proj gives is divided by √width, then normalised
        for (int row = 0; row < rows.Length; row++)
        {
            for (int column = 0; column < columns.Length; column++)
            {
                bool isOld = rows[row] >= 0 && columns[column] >= 0;
                values[(row * columns.Length) + column] = isOld ? scale * old[(rows[row] * tensor.Columns) + columns[column]] : Fresh(axes, rows[row] < 0, columns[column] < 0, columns.Length, scale);
            }
        }

        var memory = new Allocation((long)values.Length * sizeof(float));
        values.CopyTo(memory.Floats);
        return new StoredTensor(tensor.Name, BlockFormats.Named("F32"), tensor.Shape.Count > 1 ? [columns.Length, rows.Length] : [columns.Length], () => memory.Region);
    }

    /// <summary>Where each place of a grown axis was before; −1 for those that are new.</summary>
    private int[] Places(StoredTensor tensor, char axis, long held)
    {
        if (axis == '-')
            return [.. Enumerable.Range(0, (int)held)];
        List<int> places = [];
        int first = 0;
        foreach ((int old, int made) in axis == 'q' ? [_sizes['h'], _sizes['k'], _sizes['k']] : new[] { _sizes[axis] })
        {
            places.AddRange(Enumerable.Range(first, old).Concat(Enumerable.Repeat(-1, made - old)));
            first += old;
        }

        return first == held ? [.. places] : throw new InvalidDataException($"'{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}]; expected {first} where it has {held}.");
    }

    /// <summary>A number that was not there before.</summary>
    private float Fresh((char Rows, char Columns) axes, bool newRow, bool newColumn, int columns, float gain) => axes switch
    {
        (_, 'n') => gain,
        ('t', _) => newRow ? Drawn(columns, 0.5f) : 0,       // a token's own row; features that no token has yet
        ('w', _) => 0,                                       // what writes to new features, and what reads new ones inside
        (_, 'h' or 'f') when newColumn => 0,
        _ => Drawn(columns, 1),
    };

    private float Drawn(int columns, float scale) =>
        scale / MathF.Sqrt(columns) * (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
}
