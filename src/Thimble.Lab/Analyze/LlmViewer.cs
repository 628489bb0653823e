using Thimble.Compute;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>Operations, bytes and time of every operation of a transformer on a described device, and what bounds each.</summary>
/// <remarks>A view on the cost engine. In compat mode it lists the operations that the published tool lists, with its oddities: the
/// head counts one operation where there are two and is left out of memory, tiled attention stores scores of the whole length and
/// forgets that heads share keys, the activation function has the residual stream's width, and the last of prefill's queries is read
/// with the key-value heads' count. The corrected mode takes the operations from the model's own blocks.
/// Source: Yuan et al., "LLM Inference Unveiled: Survey and Roofline Model Insights", 2024, section 2.</remarks>
[Technique("LLM-Viewer", "Yuan et al., LLM Inference Unveiled: Survey and Roofline Model Insights, 2024, section 2")]
internal static class LlmViewer
{
    private const double SoftmaxOperations = 5, NormOperations = 7, TokensOfChat = 10;

    /// <summary>The published tool's result.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="device">The device.</param>
    /// <param name="settings">What it does.</param>
    /// <exception cref="NotSupportedException">The device has no rate for the bits.</exception>
    public static ViewerResult Compatible(TransformerShape shape, Device device, AnalysisSettings settings)
    {
        StageOperations decode = Stage(shape, device, settings, settings.ParallelDecode, prefill: false), prefill = Stage(shape, device, settings, settings.Length, prefill: true);
        Target target = new ViewerTarget(device, settings);
        double weights = Sum(prefill.Layer, operation => operation.WeightBytes) * shape.Layers;
        double cache = Sum(prefill.Layer, operation => operation.CacheWrittenBytes) * shape.Layers;
        return new(Result(decode), Result(prefill));

        ViewerStage Result(StageOperations stage)
        {
            var layer = Roofline.Of(stage.Layer, target);
            var head = Roofline.Of([stage.Head], target);
            return new([.. layer.Times.Select(time => time with { Operation = time.Operation with { Times = shape.Layers } }), .. head.Times])
            {
                WeightMemory = weights,
                CacheMemory = cache,
                ActivationMemory = Sum(stage.Layer, operation => operation.WrittenBytes),
            };
        }
    }

    /// <summary>The published tool's time for a prompt and what is generated behind it, token by token.</summary>
    public static double GenerationSeconds(TransformerShape shape, Device device, AnalysisSettings settings, int generated)
    {
        double seconds = Compatible(shape, device, settings).Prefill.Seconds;
        for (int i = 0; i < generated; i++)
            seconds += Compatible(shape, device, settings with { Length = settings.Length + i }).Decode.Seconds;
        return seconds;
    }

    /// <summary>The same from ten lengths spread evenly, each standing for a tenth of what is generated.</summary>
    public static double ChatSeconds(TransformerShape shape, Device device, AnalysisSettings settings, int generated)
    {
        double seconds = Compatible(shape, device, settings).Prefill.Seconds;
        for (int i = 0; i < TokensOfChat; i++)
        {
            int length = (int)(settings.Length + (i * (double)generated / (TokensOfChat - 1)));
            seconds += Compatible(shape, device, settings with { Length = length }).Decode.Seconds * generated / TokensOfChat;
        }

        return seconds;
    }

    /// <summary>What a model's own blocks ask for, on a device, at stated widths of numbers.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="device">The device.</param>
    /// <param name="settings">What it does.</param>
    /// <param name="asStored">Whether weights keep the bytes that the file gives them, whatever the settings say.</param>
    public static ViewerResult Corrected(Decoder decoder, Device device, AnalysisSettings settings, bool asStored = false) => FromBlocks(
        decoder, new ViewerTarget(device, settings) { EachByItsOwn = true }, settings, "F16",
        operation => AtBits(operation, settings, asStored),
        weight => asStored ? weight.Bytes : (double)weight.Rows * weight.Columns * settings.WeightBits / 8);

    /// <summary>What a model's own blocks ask for, on the measured machine and as it stores them.</summary>
    public static ViewerResult Measured(Decoder decoder, Target target, AnalysisSettings settings, string cell = "F16") =>
        FromBlocks(decoder, target, settings, cell, operation => operation, weight => weight.Bytes);

    private static ViewerResult FromBlocks(
        Decoder decoder, Target target, AnalysisSettings settings, string cell, Func<Operation, Operation> change, Func<Weight, double> stored)
    {
        double weights = decoder.Weights.Append(decoder.Embedding.Table).Distinct().Sum(stored);
        var step = new RunShape(settings.Batch, settings.ParallelDecode, settings.Length) { Scored = settings.ParallelDecode, Source = settings.Length };
        ViewerStage decode = Stage(step), prefill = Stage(RunShape.Prefill(settings.Batch, settings.Length) with { Source = settings.Length });
        double cache = prefill.Times.Sum(time => time.Operation.CacheWrittenBytes);
        return new(decode with { WeightMemory = weights, CacheMemory = cache }, prefill with { WeightMemory = weights, CacheMemory = cache });

        ViewerStage Stage(RunShape run)
        {
            Operation[] operations = [.. decoder.Describe(run, CellFormat.Named(cell)).Select(change)];
            var estimate = Roofline.Of(operations, target);
            return new(estimate.Times) { ActivationMemory = estimate.PeakActivations(run.Rows * decoder.Embedding.Width * settings.ActivationBits / 8) };
        }
    }

    /// <summary>An operation with its bytes at the settings' widths; the engine counts floats, and keys as F16.</summary>
    private static Operation AtBits(Operation operation, AnalysisSettings settings, bool asStored)
    {
        double activations = settings.ActivationBits / 32, cache = operation.Kernel == Operation.Attention ? settings.CacheBits / 16 : 1;
        double weights = operation.IsProduct && !asStored ? operation.Operations / (2 * operation.Rows) * settings.WeightBits / 8 : operation.WeightBytes;
        double scores = settings.Flash ? 0 : 2 * operation.Scores;   // before the softmax and after it
        return operation with
        {
            WeightBytes = weights,
            ReadBytes = (operation.ReadBytes * activations) + (scores * settings.ActivationBits / 8),
            WrittenBytes = (operation.WrittenBytes * activations) + (scores * settings.ActivationBits / 8),
            CacheReadBytes = operation.CacheReadBytes * cache,
            CacheWrittenBytes = operation.CacheWrittenBytes * cache,
        };
    }

    /// <summary>One layer's operations, and the head's, for so many new tokens of each sequence.</summary>
    private static StageOperations Stage(TransformerShape shape, Device device, AnalysisSettings settings, int tokens, bool prefill)
    {
        double rows = (double)settings.Batch * tokens, w = settings.WeightBits / 8, a = settings.ActivationBits / 8, kv = settings.CacheBits / 8;
        double keys = (double)shape.Width * shape.KeyValueHeads / shape.Heads;
        List<Operation> all =
        [
            Linear("q_proj", shape.Width, shape.Width), Linear("k_proj", shape.Width, keys, kept: true), Linear("v_proj", shape.Width, keys, kept: true),
            Linear("out_proj", shape.Width, shape.Width), Linear("gate_proj", shape.Width, shape.FeedForward),
            Linear("up_proj", shape.Width, shape.FeedForward), Linear("down_proj", shape.FeedForward, shape.Width),
            .. Attention(shape, device, settings, tokens, prefill),
            Each("attn_norm", NormOperations, 1), Each("mlp_norm", NormOperations, 1), Each("attn_add", 1, 1), Each("mlp_add", 1, 1), Each("mlp_act", 2, 2),
        ];
        var head = new Operation("lm_head", "w")
        {
            Operations = (double)settings.Batch * shape.Width * shape.Vocabulary,
            WeightBytes = (double)shape.Width * shape.Vocabulary * w,
            ReadBytes = shape.Width * a,
            WrittenBytes = shape.Vocabulary * a,
        };
        return new(all, head);

        Operation Linear(string name, double inputs, double outputs, bool kept = false) => new(name, "w")
        {
            IsProduct = true,
            Operations = 2 * inputs * outputs * rows,
            WeightBytes = inputs * outputs * w,
            ReadBytes = inputs * rows * a,
            WrittenBytes = kept ? 0 : outputs * rows * a,
            CacheWrittenBytes = kept ? outputs * rows * kv : 0,
        };

        Operation Each(string name, double operations, double read) => new(name, Operation.Map)
        {
            Operations = rows * shape.Width * operations,
            ReadBytes = rows * shape.Width * read * a,
            WrittenBytes = rows * shape.Width * a,
        };
    }

    private static IEnumerable<Operation> Attention(TransformerShape shape, Device device, AnalysisSettings settings, int tokens, bool prefill)
    {
        double a = settings.ActivationBits / 8, kv = settings.CacheBits / 8, rows = (double)settings.Batch * tokens;
        int size = shape.Width / shape.Heads;
        double scores = rows * settings.Length * shape.Heads, products = 2 * scores * size, length = settings.Length;
        double queries = rows * size * shape.Heads * a, keys = length * size * settings.Batch * kv;
        if (settings.Flash)
        {
            double tile = Math.Min(Math.Ceiling(device.OnChipBytes / (kv * size)), size);
            yield return new("fused_attention", Operation.Attention)
            {
                Operations = (2 * products) + (SoftmaxOperations * scores),
                ReadBytes = queries,
                WrittenBytes = 2 * scores * a,
                CacheReadBytes = 2 * Math.Ceiling((prefill ? tokens : 1) / tile) * keys * shape.Heads,
            };
            yield break;
        }

        yield return new("qk_matmul", Operation.Attention)
        {
            Operations = products,
            ReadBytes = prefill ? queries * shape.KeyValueHeads / shape.Heads : queries,
            WrittenBytes = scores * a,
            CacheReadBytes = keys * shape.KeyValueHeads,
        };
        yield return new("sv_matmul", Operation.Attention)
        {
            Operations = products,
            ReadBytes = scores * a,
            WrittenBytes = queries,
            CacheReadBytes = keys * shape.KeyValueHeads,
        };
        yield return new("softmax", Operation.Attention) { Operations = SoftmaxOperations * scores, ReadBytes = scores * a, WrittenBytes = scores * a };
    }

    private static double Sum(IEnumerable<Operation> operations, Func<Operation, double> of) => operations.Sum(of);

    private sealed record StageOperations(IReadOnlyList<Operation> Layer, Operation Head);

    /// <summary>The tool's roofline: one peak for all operations, that of 8 bits if all numbers have at most as many.</summary>
    private sealed class ViewerTarget(Device device, AnalysisSettings settings) : Target
    {
        private readonly double _peak = Rate(device, settings.WeightBits, settings.ActivationBits, settings.CacheBits);

        /// <summary>Whether products and attention have peaks by the widths of their own operands.</summary>
        public bool EachByItsOwn { get; init; }

        public override string Name => device.Name;

        public override double ComputeSeconds(Operation operation) => operation.Operations / (
            !EachByItsOwn ? _peak
            : operation.IsProduct ? Rate(device, settings.WeightBits, settings.ActivationBits, 0)
            : operation.Kernel == Operation.Attention ? Rate(device, settings.CacheBits, settings.ActivationBits, 0)
            : device.Peak(Device.F16));

        public override double MemorySeconds(Operation operation) => operation.Bytes / device.MemoryBytesPerSecond;

        private static double Rate(Device device, double first, double second, double third)
        {
            if (Math.Max(first, Math.Max(second, third)) > 8)
                return device.Peak(Device.F16);
            return device.OperationsPerSecond.TryGetValue(Device.I8, out double rate)
                ? rate
                : throw new NotSupportedException($"'{device.Name}' has no rate for {Device.I8}, which weights, activations and cache of at most 8 bits ask for; known: {string.Join(", ", device.OperationsPerSecond.Keys)}.");
        }
    }
}
