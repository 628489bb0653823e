using System.Text.Json;
using System.Text.Json.Serialization;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>Where a model's time and memory go on a machine, operation by operation, worked out without running it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Target">The machine.</param>
/// <param name="Settings">What the model does.</param>
/// <param name="Decode">One token for each sequence.</param>
/// <param name="Prefill">The prompt.</param>
public sealed record Analysis(string Model, string Target, AnalysisSettings Settings, AnalysedStage Decode, AnalysedStage Prefill)
{
    private static readonly int[] s_batches = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    /// <summary>The machine's ceilings: operations a second by name.</summary>
    public IReadOnlyDictionary<string, double> Ceilings { get; init; } = new Dictionary<string, double>();

    /// <summary>The machine's memories: bytes a second by name.</summary>
    public IReadOnlyDictionary<string, double> Slopes { get; init; } = new Dictionary<string, double>();

    /// <summary>How tokens a second change with the sequences side by side.</summary>
    public IReadOnlyList<AnalysedPoint> Batches { get; init; } = [];

    /// <summary>How they change with the length.</summary>
    public IReadOnlyList<AnalysedPoint> Lengths { get; init; } = [];

    /// <summary>Works it out.</summary>
    /// <param name="path">A model, or the config.json of one; null for the model inside this library.</param>
    /// <param name="options">For which machine, and what.</param>
    /// <exception cref="NotSupportedException">The model, a format or the device's numbers are unknown.</exception>
    public static Analysis Of(string? path, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        BlockFormat? format = options.Format is null ? null : BlockFormats.Named(options.Format);
        using ModelFile file = Opened(path, format);
        using ModelFile? imagined = format is null || HuggingFaceConfig.Recognises(path ?? "") ? null : HollowModel.Like(file, format);
        return new Analyser(imagined ?? file, options).Run(s_batches);
    }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AnalysisJson.Default.Analysis);

    /// <summary>A page that shows it, with all that it needs inside.</summary>
    public string ToHtml() => ReportPage.Of(this);

    /// <summary>A model's shapes, whatever the path leads to.</summary>
    internal static ModelFile Opened(string? path, BlockFormat? format) => path is null ? DefaultModel.Open()
        : HuggingFaceConfig.Recognises(path) ? HuggingFaceConfig.Open(path, format ?? BlockFormats.Named("F16"))
        : ModelFile.Open(path);
}

/// <summary>One stage.</summary>
/// <param name="Seconds">Time of the stage.</param>
/// <param name="TokensPerSecond">Tokens of all sequences a second.</param>
/// <param name="Operations">Multiplications, additions and the like.</param>
/// <param name="Bytes">Bytes moved.</param>
/// <param name="Bound">What bounds most of the time.</param>
/// <param name="WeightMemory">Bytes of memory that weights take.</param>
/// <param name="CacheMemory">Bytes of memory that keys, values and states take.</param>
/// <param name="ActivationMemory">Bytes of memory that activations take at most.</param>
/// <param name="Parts">Its operations; those of all layers together.</param>
public sealed record AnalysedStage(
    double Seconds, double TokensPerSecond, double Operations, double Bytes, string Bound, double WeightMemory, double CacheMemory, double ActivationMemory,
    IReadOnlyList<AnalysedOperation> Parts);

/// <summary>One operation, in all layers that have it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kernel">Who computes it.</param>
/// <param name="Layers">How often it happens.</param>
/// <param name="Operations">Multiplications, additions and the like.</param>
/// <param name="WeightBytes">Bytes of weights.</param>
/// <param name="ActivationBytes">Bytes of activations.</param>
/// <param name="CacheBytes">Bytes of keys, values and states.</param>
/// <param name="Seconds">Time.</param>
/// <param name="Bound">What bounds it.</param>
public sealed record AnalysedOperation(
    string Name, string Kernel, double Layers, double Operations, double WeightBytes, double ActivationBytes, double CacheBytes, double Seconds, string Bound)
{
    /// <summary>Operations for a byte.</summary>
    public double Intensity => Operations / Math.Max(1, WeightBytes + ActivationBytes + CacheBytes);
}

/// <summary>A point of a curve.</summary>
/// <param name="At">Sequences, or tokens.</param>
/// <param name="DecodePerSecond">Tokens of all sequences generated a second.</param>
/// <param name="PrefillPerSecond">Tokens of all prompts read a second.</param>
/// <param name="Memory">Bytes of memory in all.</param>
public sealed record AnalysedPoint(int At, double DecodePerSecond, double PrefillPerSecond, double Memory);

/// <summary>How analyses are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Analysis))]
internal sealed partial class AnalysisJson : JsonSerializerContext;

/// <summary>Works an analysis out.</summary>
/// <param name="file">The model.</param>
/// <param name="options">For which machine, and what.</param>
internal sealed class Analyser(ModelFile file, AnalysisOptions options)
{
    private readonly TransformerShape _shape = TransformerShape.Of(file);
    private readonly Decoder? _decoder = options.Compatible ? null : Architectures.Build(new Blueprint(file, new Opening(Precision.Bytes)));
    private readonly int _threads = options.Threads ?? Cores.Best;

    /// <summary>Works it out.</summary>
    /// <param name="batches">Batches of the curve.</param>
    public Analysis Run(IReadOnlyList<int> batches)
    {
        ViewerResult result = At(options.Settings);
        int context = Math.Max(options.Settings.Length, Math.Min(file.FindInt("context_length") ?? 4096, 32768));
        return new(
            file.Metadata.FindText("general.name") ?? file.Path, options.Device?.Name ?? $"{options.Machine!.Name}, {_threads} threads", options.Settings,
            Stage(result.Decode, options.Settings.Batch * options.Settings.ParallelDecode), Stage(result.Prefill, (double)options.Settings.Batch * options.Settings.Length))
        {
            Ceilings = Ceilings(),
            Slopes = options.Device is { } device
                ? new Dictionary<string, double> { ["memory"] = device.MemoryBytesPerSecond }
                : options.Machine!.Levels.ToDictionary(level => level.Name, level => level.Rates[^1].PerSecond),
            Batches = [.. batches.Select(batch => Point(batch, options.Settings with { Batch = batch }))],
            Lengths = [.. Doubling(64, context).Select(length => Point(length, options.Settings with { Length = length }))],
        };
    }

    private Dictionary<string, double> Ceilings() => options.Device is { } device
        ? device.OperationsPerSecond.ToDictionary()
        : options.Machine!.Kernels.GroupBy(rate => rate.Kernel).ToDictionary(group => group.Key, group => group.Max(rate => rate.OperationsPerSecond));

    private ViewerResult At(AnalysisSettings settings)
    {
        if (options.Compatible)
            return LlmViewer.Compatible(_shape, options.Device ?? throw new ArgumentException("The published tool knows devices by their data sheets; name one."), settings);
        if (options.Device is { } device)
            return LlmViewer.Corrected(_decoder!, device, settings, asStored: !options.StatedBits);
        Machine machine = options.Machine ?? throw new ArgumentException("Neither a device nor a measured machine is given.");
        return LlmViewer.Measured(_decoder!, new MeasuredTarget(machine, _threads), settings);
    }

    private AnalysedPoint Point(int at, AnalysisSettings settings)
    {
        ViewerResult result = At(settings);
        return new(at, settings.Batch / result.Decode.Seconds, settings.Batch * (double)settings.Length / result.Prefill.Seconds, result.Decode.Memory);
    }

    private static AnalysedStage Stage(ViewerStage stage, double tokens)
    {
        AnalysedOperation[] parts =
        [
            .. stage.Times.GroupBy(time => (Name: Plain(time.Operation.Name), time.Operation.Kernel)).Select(group => new AnalysedOperation(
                group.Key.Name, group.Key.Kernel, group.Sum(time => time.Operation.Times), Sum(group, operation => operation.Operations),
                Sum(group, operation => operation.WeightBytes), Sum(group, operation => operation.ReadBytes + operation.WrittenBytes),
                Sum(group, operation => operation.CacheReadBytes + operation.CacheWrittenBytes), group.Sum(time => time.Total),
                group.GroupBy(time => time.Bound).MaxBy(bound => bound.Sum(time => time.Total))!.Key)),
        ];
        return new(
            stage.Seconds, tokens / stage.Seconds, stage.Operations, stage.Bytes, parts.GroupBy(part => part.Bound).MaxBy(group => group.Sum(part => part.Seconds))!.Key,
            stage.WeightMemory, stage.CacheMemory, stage.ActivationMemory, parts);
    }

    private static double Sum(IEnumerable<OperationTime> times, Func<Operation, double> of) => times.Sum(time => of(time.Operation) * time.Operation.Times);

    /// <summary>A name without its layer and its kind: <c>attn_q</c> of <c>blk.3.attn_q.weight</c>.</summary>
    private static string Plain(string name)
    {
        string[] parts = name.Split('.');
        if (parts is ["blk", _, ..])
            parts = parts[2..];
        if (parts.Length > 1 && (parts[^1] == "weight" || int.TryParse(parts[^1], global::System.Globalization.CultureInfo.InvariantCulture, out _)))
            parts = parts[..^1];
        return string.Join('.', parts);
    }

    private static IEnumerable<int> Doubling(int first, int last)
    {
        for (int at = first; at < last; at *= 2)
            yield return at;
        yield return last;
    }
}
