using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>The sizes of a model to be made: of the Llama line.</summary>
public sealed record NewModelOptions
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "new";

    /// <summary>A model whose tokenizer it takes.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>Features of a token vector.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Key-value heads.</summary>
    public int KeyHeads { get; init; } = 4;

    /// <summary>Features inside the feed-forward.</summary>
    public int Wide { get; init; } = 704;

    /// <summary>The longest sequence.</summary>
    public int Context { get; init; } = 512;

    /// <summary>A chat template; null for the tokenizer's model's.</summary>
    public string? Template { get; init; }

    internal static NewModelOptions Read(RecipeKeys keys)
    {
        var made = new NewModelOptions { Tokenizer = keys.Path("tokenizer") ?? throw keys.Missing("tokenizer") };
        made = made with
        {
            Name = keys.Text("name") ?? made.Name,
            Layers = keys.Whole("layers") ?? made.Layers,
            Width = keys.Whole("width") ?? made.Width,
            Heads = keys.Whole("heads") ?? made.Heads,
            KeyHeads = keys.Whole("key_heads") ?? made.KeyHeads,
            Wide = keys.Whole("wide") ?? made.Wide,
            Context = keys.Whole("context") ?? made.Context,
            Template = keys.Text("template"),
        };
        keys.RequireAllUsed();
        return made.Width % made.Heads == 0 && made.Width / made.Heads % 2 == 0 && made.KeyHeads > 0 && made.Heads % made.KeyHeads == 0
            ? made
            : throw new InvalidDataException($"Recipe '{keys.Path()}': {made.Width} features, {made.Heads} heads and {made.KeyHeads} key heads do not fit; heads must divide features into even sizes, and key heads divide heads.");
    }
}

/// <summary>Makes the file of a new model, its numbers drawn at random.</summary>
internal static class NewModel
{
    /// <summary>Makes it.</summary>
    /// <param name="options">Its sizes.</param>
    /// <param name="seed">Names the numbers.</param>
    /// <remarks>Matrices are normal with deviation <c>1/√inputs</c>, those that write to the residual stream smaller by <c>√(2 · layers)</c>
    /// (Radford et al., 2019, section 2.3); the head shares the embedding's table.</remarks>
    public static ModelFile Make(NewModelOptions options, int seed)
    {
        var source = ModelFile.Open(options.Tokenizer);
        Metadata metadata = Describe(options, source);
        int vocabulary = source.Metadata.TryGet("tokenizer.ggml.tokens", out object? tokens) && tokens is MetadataArray { Count: > 0 } list
            ? checked((int)list.Count)
            : throw new InvalidDataException($"'{options.Tokenizer}' has no tokenizer; a new model needs one.");
        int size = options.Width / options.Heads;
        float residual = 1 / MathF.Sqrt(2 * options.Layers);
        var random = new Random(seed);
        List<StoredTensor> tensors = [];
        Matrix("token_embd.weight", options.Width, vocabulary, 0.7f);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string at = $"blk.{layer}.";
            Gain(at + "attn_norm.weight");
            Matrix(at + "attn_q.weight", options.Width, options.Heads * size);
            Matrix(at + "attn_k.weight", options.Width, options.KeyHeads * size);
            Matrix(at + "attn_v.weight", options.Width, options.KeyHeads * size);
            Matrix(at + "attn_output.weight", options.Heads * size, options.Width, residual);
            Gain(at + "ffn_norm.weight");
            Matrix(at + "ffn_gate.weight", options.Width, options.Wide);
            Matrix(at + "ffn_up.weight", options.Width, options.Wide);
            Matrix(at + "ffn_down.weight", options.Wide, options.Width, residual);
        }

        Gain("output_norm.weight");
        return new ModelFile(options.Name, metadata, tensors, source);   // the vocabulary is read from the source when it is asked for

        void Matrix(string name, int columns, int rows, float scale = 1)
        {
            float[] values = new float[columns * rows];
            for (int i = 0; i < values.Length; i++)
                values[i] = scale / MathF.Sqrt(columns) * (float)Normal(random);
            Add(name, values, columns, rows);
        }

        void Gain(string name)
        {
            float[] values = new float[options.Width];
            Array.Fill(values, 1);
            Add(name, values, options.Width);
        }

        void Add(string name, float[] values, params long[] shape)
        {
            var memory = new Allocation((long)values.Length * sizeof(float));
            values.CopyTo(memory.Floats);
            tensors.Add(new StoredTensor(name, BlockFormats.Named("F32"), shape, () => memory.Region));
        }
    }

    private static Metadata Describe(NewModelOptions options, ModelFile source)
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "llama");
        metadata.Add("general.name", options.Name);
        Add("context_length", (long)options.Context);
        Add("embedding_length", (long)options.Width);
        Add("block_count", (long)options.Layers);
        Add("feed_forward_length", (long)options.Wide);
        Add("attention.head_count", (long)options.Heads);
        Add("attention.head_count_kv", (long)options.KeyHeads);
        Add("attention.layer_norm_rms_epsilon", 1e-5);
        Add("rope.freq_base", 10_000.0);
        Add("rope.dimension_count", (long)(options.Width / options.Heads));
        foreach (string key in source.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            if ((options.Template is null || key != "tokenizer.chat_template") && source.Metadata.TryGet(key, out object? value))
                metadata.Add(key, value);
        }

        if (options.Template is not null)
            metadata.Add("tokenizer.chat_template", options.Template);
        return metadata;

        void Add(string key, object value) => metadata.Add($"llama.{key}", value);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
