using Thimble.Compute;
using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>What a platform makes of a model and a use: first-token time, time per token, throughput, energy, and the least platform that does.</summary>
/// <remarks>A view on the cost engine. In compat mode it is the published tool, with its oddities: gigabytes a second are powers of
/// two, the embedding is a product with the whole table, every prompt token is scored, the router's exchange in decoding has the
/// stream's width, and k drafted tokens never become more than k. The corrected mode mends those.
/// Source: Bambhaniya et al., "Demystifying Platform Requirements for Diverse LLM Inference Use Cases", 2024, sections 3 and 4.</remarks>
[Technique("GenZ", "Bambhaniya et al., Demystifying Platform Requirements for Diverse LLM Inference Use Cases, 2024, sections 3 and 4")]
internal sealed class GenZ
{
    private readonly TransformerShape _shape;
    private readonly Device _device;

    /// <param name="shape">The model.</param>
    /// <param name="device">One node of the platform.</param>
    /// <param name="platform">How the nodes work together.</param>
    public GenZ(TransformerShape shape, Device device, Platform? platform = null)
    {
        (_shape, _device) = (shape, device);
        Platform = platform ?? new();
    }

    /// <summary>How the nodes work together.</summary>
    public Platform Platform { get; }

    /// <summary>Reading a prompt.</summary>
    /// <param name="batch">Prompts side by side.</param>
    /// <param name="tokens">Tokens of each.</param>
    /// <exception cref="CapacityException">It does not fit, and the platform does not offload.</exception>
    public GenZResult Prefill(int batch, int tokens)
    {
        int micro = MicroBatch(batch);
        GenZResult result = Run(new GenZGraph(_shape, Platform, micro).Prefill(tokens));
        double whole = result.Seconds + (((batch / micro) - 1) * result.Seconds / Platform.Pipeline);
        return result with { PerSecond = batch / (Platform.Pipeline > 1 ? whole : result.Seconds) };
    }

    /// <summary>Generating one token for each sequence.</summary>
    /// <param name="batch">Sequences side by side.</param>
    /// <param name="prompt">Tokens of the prompt, shared by a sequence's beams.</param>
    /// <param name="generated">Tokens generated so far, each beam's own.</param>
    /// <param name="beams">Beams of a sequence.</param>
    public GenZResult Decode(int batch, int prompt, int generated, int beams = 1)
    {
        int micro = MicroBatch(batch);
        GenZResult result = Run(new GenZGraph(_shape, Platform, micro * beams) { Beams = beams }.Decode(prompt, generated));
        return result with { PerSecond = batch / result.Seconds };
    }

    /// <summary>One step that reads parts of prompts and generates for other sequences.</summary>
    /// <param name="prompts">Of each prompt, the tokens read before and those read now.</param>
    /// <param name="sequences">Of each generating sequence, the tokens it has.</param>
    public GenZResult Chunked(IReadOnlyList<(int Past, int Tokens)> prompts, IReadOnlyList<int> sequences)
    {
        GenZResult result = Run(new GenZGraph(_shape, Platform, 1).Chunked(prompts, sequences));
        return result with { PerSecond = (prompts.Sum(prompt => prompt.Tokens) + sequences.Count) / result.Seconds };
    }

    /// <summary>Drafting several tokens with a small model and verifying them in one step.</summary>
    /// <param name="draft">The small model on its platform.</param>
    /// <param name="batch">Sequences side by side.</param>
    /// <param name="length">Tokens that each has: of the prompt, and generated.</param>
    /// <param name="drafted">Tokens drafted.</param>
    /// <param name="accepted">How likely a drafted token is accepted, 0 to 1.</param>
    /// <returns>The step's time, and the tokens it gives on average.</returns>
    public (double Seconds, double Tokens, double PerSecond) Speculate(GenZ draft, int batch, (int Prompt, int Generated) length, int drafted, double accepted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(drafted, 1);
        GenZResult one = draft.Run(new GenZGraph(draft._shape, draft.Platform, batch).Decode(length.Prompt, length.Generated));
        GenZResult all = Run(new GenZGraph(_shape, Platform, batch).Chunked([(length.Prompt + length.Generated, drafted)], []));
        double seconds = all.Seconds + (drafted * one.Seconds), tokens = ExpectedTokens(drafted, accepted, capped: Platform.Compatible);
        return (seconds, tokens, batch * tokens / seconds);
    }

    /// <summary>Tokens that a drafted step gives on average: the accepted ones, and one of the large model's own.</summary>
    /// <param name="drafted">Tokens drafted.</param>
    /// <param name="accepted">How likely each is accepted, 0 to 1.</param>
    /// <param name="capped">Whether the token behind a wholly accepted draft is forgotten, as the published tool does.</param>
    public static double ExpectedTokens(int drafted, double accepted, bool capped = false)
    {
        if (accepted is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(accepted), accepted, FormattableString.Invariant($"accepted is {accepted}; expected 0 to 1."));
        double expected = 1;
        for (int i = 1; i < drafted; i++)
            expected += i * Math.Pow(accepted, i) * (1 - accepted);
        expected += drafted * Math.Pow(accepted, drafted);
        return capped ? Math.Min(expected, drafted) : expected;
    }

    /// <summary>The least number of nodes, a power of two, on which a use fits and works, and how they divide the model.</summary>
    /// <param name="use">The use.</param>
    /// <param name="most">The most nodes that are tried.</param>
    /// <exception cref="CapacityException">It does not fit on as many.</exception>
    public (int Nodes, Platform Best, GenZResult Result) LeastPlatform(UseCase use, int most = 1024)
    {
        for (int nodes = 1; nodes <= most; nodes *= 2)
        {
            if (Divisions(nodes).Select(platform => Attempt(platform, use)).Where(found => found.Result is not null).ToArray() is { Length: > 0 } fitting)
            {
                (Platform platform, GenZResult? result) = fitting.MaxBy(found => found.Result!.PerSecond);
                return (nodes, platform, result!);
            }
        }

        double needed = Run(new GenZGraph(_shape, Platform with { Tensor = 1, Pipeline = 1, Experts = 1 }, use.Batch * use.Beams).Decode(use.Prompt, use.Generated), fits: true).Memory;
        throw new CapacityException(
            FormattableString.Invariant($"{needed / 1e9:F1} GB do not fit on {most} nodes of '{_device.Name}'; use more nodes, fewer bits or a smaller batch."),
            (long)needed, (long)(most * _device.MemoryBytes));
    }

    /// <summary>The ways in which nodes can divide a model: tensors by stages.</summary>
    public IEnumerable<Platform> Divisions(int nodes)
    {
        for (int tensor = 1; tensor <= nodes; tensor *= 2)
        {
            int pipeline = nodes / tensor;
            if (tensor * pipeline == nodes && tensor <= _shape.Heads && pipeline <= _shape.Layers)
                yield return Platform with { Tensor = tensor, Pipeline = pipeline };
        }
    }

    /// <summary>The platform that a use asks for: what makes the first token and every token come in time, and holds the model.</summary>
    /// <param name="use">The use, with its times.</param>
    /// <returns>Operations a second, bytes a second, and bytes.</returns>
    public (double OperationsPerSecond, double BytesPerSecond, double MemoryBytes) Requirement(UseCase use)
    {
        Platform one = Platform with { Tensor = 1, Pipeline = 1, Experts = 1, Offloads = true };
        var alone = new GenZ(_shape, _device, one);
        GenZResult prefill = alone.Run(new GenZGraph(_shape, one, use.Batch).Prefill(use.Prompt), fits: true);
        GenZResult decode = alone.Run(new GenZGraph(_shape, one, use.Batch * use.Beams) { Beams = use.Beams }.Decode(use.Prompt, use.Generated), fits: true);
        return (
            prefill.Times.Sum(time => time.Operation.Operations * time.Operation.Times) * GenZSystem.Slowness(one.Number) / (use.FirstTokenSeconds * one.Efficiency),
            decode.Times.Where(time => time.Operation.Operations > 0).Sum(time => OffChip(time.Operation) * time.Operation.Times) / (use.TokenSeconds * one.Efficiency),
            decode.Memory);
    }

    private static double OffChip(Operation operation) => operation.Bytes
        - (operation.Kept.HasFlag(Kept.Read) ? operation.ReadBytes : 0) - (operation.Kept.HasFlag(Kept.Written) ? operation.WrittenBytes : 0);

    private (Platform Platform, GenZResult? Result) Attempt(Platform platform, UseCase use)
    {
        GenZ tried = new(_shape, _device, platform);
        GenZResult sized = tried.Run(new GenZGraph(_shape, platform, use.Batch * use.Beams) { Beams = use.Beams }.Decode(use.Prompt, use.Generated), fits: true);
        return (platform, sized.Memory / platform.Pipeline <= tried.Capacity ? tried.Decode(use.Batch, use.Prompt, use.Generated, use.Beams) : null);
    }

    private double Capacity => _device.MemoryBytes * (Platform.Compatible ? GenZSystem.Binary : 1);

    private int MicroBatch(int batch) => Platform.Pipeline > 1 ? Math.Max(batch / Platform.Pipeline, 1) : batch;

    private GenZResult Run(IReadOnlyList<Operation> operations, bool fits = false)
    {
        double weights = operations.Where(operation => operation.IsProduct).Sum(operation => operation.WeightBytes * operation.Times);
        double cache = operations.Sum(operation => operation.CacheReadBytes * operation.Times);
        double needed = (weights + cache) / Platform.Pipeline;
        bool offloads = !fits && Capacity > 0 && needed > Capacity;
        if (offloads && !Platform.Offloads)
        {
            throw new CapacityException(
                FormattableString.Invariant($"'{_shape.Name}' needs {weights / 1e9:F1} GB of weights and {cache / 1e9:F1} GB of keys and values; '{_device.Name}' has {Capacity / 1e9:F1} GB a node. Use more nodes or fewer bits, or let it offload."),
                (long)needed, (long)Capacity);
        }

        var target = new GenZSystem(_device, Platform, offloads ? needed : 0);
        var estimate = Roofline.Of(operations, target);
        return new(estimate.Times) { WeightBytes = weights, CacheBytes = cache, Offloads = offloads, Watts = _device.Watts };
    }
}
