using System.Text.RegularExpressions;
using Thimble.Compute;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Adapters;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>Plugs adapters into a frozen model: LoRA, DoRA, series, parallel and scaled parallel networks, prefixes, prompts and P-tuned prompts.</summary>
/// <remarks>A kind is a file beside this one. Those on weights change nothing before their first step, to the bit. Of the paper's
/// experiments the placement is kept (series behind the feed-forward, parallel beside it, LoRA on attention and feed-forward, table 1),
/// the sizes are ours: <c>Thimble.Bench adapters</c> sets all kinds beside full tuning on a small model, and
/// <c>Thimble.Bench math</c> on splits free of overlaps. Missing: a base of 10 million numbers or more that solves the paper's own problems.</remarks>
[Technique("LLM-Adapters", "Hu et al., LLM-Adapters: An Adapter Family for Parameter-Efficient Fine-Tuning of Large Language Models, 2023, section 3")]
internal static class LlmAdapters
{
    private const string LowRankTargets = "attn_(q|k|v|qkv|output)|ffn_", Beside = @"ffn_(up|down)\.", BehindTargets = @"ffn_down\.";

    private static readonly SortedDictionary<string, (string? Targets, Func<Parameter, TrainedAdapterOptions, Random, IChange>? Change)> s_known = new(StringComparer.Ordinal)
    {
        ["dora"] = (LowRankTargets, static (weight, options, random) => new Dora(weight, options, random)),
        ["lora"] = (LowRankTargets, static (weight, options, random) => new LowRank(weight, options, random)),
        ["p_tuning"] = (null, null),
        ["parallel"] = (Beside, static (weight, options, random) => new Bottleneck(weight, options, BottleneckPlace.Beside, learnsScale: false, random)),
        ["prefix"] = (null, null),
        ["prompt"] = (null, null),
        ["scaled_parallel"] = (Beside, static (weight, options, random) => new Bottleneck(weight, options, BottleneckPlace.Beside, learnsScale: true, random)),
        ["series"] = (BehindTargets, static (weight, options, random) =>
            new Bottleneck(weight, options, options.Before ? BottleneckPlace.Before : BottleneckPlace.Behind, learnsScale: false, random)),
    };

    /// <summary>The kinds.</summary>
    public static IEnumerable<string> Known => s_known.Keys;

    /// <summary>Plugs an adapter in; nothing else of the model is trained then.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="options">The adapter.</param>
    /// <param name="seed">Names what is drawn.</param>
    /// <param name="encode">Text to tokens, for prompts that begin as one; null where there is no tokenizer.</param>
    /// <exception cref="ArgumentException">The kind is unknown, or no weight is named so.</exception>
    public static void Attach(Graph graph, TrainedAdapterOptions options, int seed, Func<string, int[]>? encode = null)
    {
        if (!s_known.TryGetValue(options.Kind, out (string? Targets, Func<Parameter, TrainedAdapterOptions, Random, IChange>? Change) kind))
            throw new ArgumentException($"Adapter '{options.Kind}' is unknown; known: {string.Join(", ", Known)}.", nameof(options));
        foreach (Parameter parameter in graph.Parameters)
            parameter.IsTrained = false;
        var random = new Random(seed);
        if (kind.Change is null)
        {
            Lead(graph, options, random, encode);
            return;
        }

        string pattern = options.Targets ?? kind.Targets!;
        var targets = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        Weight[] weights = [.. graph.Decoder.Layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).SelectMany(block => block.Weights).Distinct()];
        foreach (Parameter weight in weights.Select(graph.Of).Where(weight => targets.IsMatch(weight.Name)))
            graph.Changes.Add(weight, kind.Change(weight, options, random));
        if (graph.Changes.Count == 0)
            throw new ArgumentException($"No weight of a layer has a name that matches the adapter's 'targets', '{pattern}'; they are {string.Join(", ", weights.Take(8).Select(weight => weight.Name))}…", nameof(options));
    }

    /// <summary>Writes the adapter of a model: a GGUF file for plain LoRA where the path ends so, otherwise a folder as PEFT writes it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="graph">The model and its adapter.</param>
    /// <param name="options">The adapter.</param>
    /// <param name="model">The base's file.</param>
    /// <exception cref="NotSupportedException">It cannot be written so.</exception>
    public static void Save(string path, Graph graph, TrainedAdapterOptions options, ModelFile model)
    {
        AdapterDraft draft = Draft(graph, options, model);
        if (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            GgufAdapter.Write(path, draft, model.Architecture);
        else
            PeftWriter.Write(path, draft, model);
    }

    private static AdapterDraft Draft(Graph graph, TrainedAdapterOptions options, ModelFile model)
    {
        using var team = new Team(1);
        using var tape = new Tape(team) { Pulls = false };
        string kind = graph.Lead?.Kind ?? (options.Kind is "lora" or "dora" ? "LORA" : "BOTTLENECK");
        DraftLead? lead = graph.Lead?.Draft(tape);
        (string, object)[] fields = kind switch
        {
            "LORA" => [("r", options.Rank), ("lora_alpha", options.Alpha), ("lora_dropout", options.Dropout), ("use_rslora", options.RankStabilised), ("use_dora", options.Kind == "dora"), ("bias", "none"), ("fan_in_fan_out", false)],
            "BOTTLENECK" =>
            [
                ("bottleneck_size", options.Rank), ("non_linearity", options.Function), ("use_parallel_adapter", options.Kind != "series"), ("use_adapterp", false),
                ("scaling", options.Kind == "scaled_parallel" ? "learned" : options.Scale), ("thimble_place", options.Before ? "before" : "behind"), ("bias", "none"),
            ],
            _ =>
            [
                ("num_virtual_tokens", lead!.Count), ("token_dim", lead.Layers > 0 ? lead.Values.Length / lead.Count / lead.Layers / 2 : graph.Decoder.Embedding.Width),
                ("num_layers", graph.Decoder.Layers.Count), ("num_attention_heads", lead.Layers > 0 ? lead.Heads : 1), ("num_transformer_submodules", 1),
                ("prefix_projection", false),
            ],
        };
        return new AdapterDraft(kind)
        {
            Fields = fields,
            Parts = [.. graph.Changes.Values.SelectMany(change => change.Parts)],
            Lead = lead,
            Alpha = options.Alpha * (options.RankStabilised ? MathF.Sqrt(options.Rank) : 1),
            Base = ModelHash.Of(model),
            BaseName = model.Metadata.FindText("general.name"),
        };
    }

    private static void Lead(Graph graph, TrainedAdapterOptions options, Random random, Func<string, int[]>? encode)
    {
        Embedding embedding = graph.Decoder.Embedding;
        Parameter table = graph.Of(embedding.Table);
        int[] text = options.Text is { } words
            ? encode?.Invoke(words) ?? throw new ArgumentException("The adapter's 'text' needs a model with a tokenizer.", nameof(options))
            : [];
        int[] tokens = [.. Enumerable.Range(0, options.Tokens).Select(i => text.Length > 0 ? text[i % text.Length] : random.Next(table.Rows))];
        graph.Lead = options.Kind switch
        {
            "prompt" => new SoftPrompt(table, embedding.Scale, tokens),
            "p_tuning" => new PTuning(table, embedding.Scale, tokens, options.Hidden > 0 ? options.Hidden : table.Columns, random),
            _ => new Prefix(graph, tokens, options.Hidden, random),
        };
        if (graph.Lead is not Prefix prefix)
            return;
        using var team = new Team(1);
        using var tape = new Tape(team);
        prefix.Begin(tape, graph, tokens);
    }
}
