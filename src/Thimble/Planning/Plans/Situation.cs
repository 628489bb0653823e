using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Planning;

/// <summary>What a plan is made for: a model in any format, a machine, a budget.</summary>
internal sealed class Situation : IDisposable
{
    private readonly Dictionary<string, (ModelFile? File, Decoder Decoder)> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string, RunShape), IReadOnlyList<Operation>> _demands = [];
    private readonly Dictionary<(string, string, int, RunShape), (double Seconds, string Bound)> _times = [];
    private readonly ModelFile _file;

    /// <param name="file">The model; it stays open as long.</param>
    /// <param name="options">The budget.</param>
    public Situation(ModelFile file, PlanOptions options)
    {
        (_file, Options) = (file, options);
        Own = Library.ModelSummary.Of(file).Format;
        Machine = options.Device is null ? options.Machine ?? Machine.Here([Own]) : null;
        Made = file.FindInt("context_length") is > 0 and var made ? made : 4096;
    }

    /// <summary>The budget.</summary>
    public PlanOptions Options { get; }

    /// <summary>The measured machine; null where a device of the table is planned for.</summary>
    public Machine? Machine { get; }

    /// <summary>Its name.</summary>
    public string MachineName => Machine?.Name ?? Options.Device!.Name;

    /// <summary>The format that most of the model's weights have.</summary>
    public string Own { get; }

    /// <summary>Tokens that the model was made for.</summary>
    public int Made { get; }

    /// <summary>Bytes of memory that may be used.</summary>
    public double Memory => Options.MemoryBytes ?? (Machine is { } machine ? machine.FreeBytes > 0 ? machine.FreeBytes : machine.MemoryBytes : Options.Device!.MemoryBytes);

    /// <summary>Threads at most.</summary>
    public int MostThreads => Machine?.Cores.Count ?? Cores.Best;

    /// <summary>Bytes a second that the disk gives large reads; 0 where unknown.</summary>
    public double DiskBytesPerSecond => Machine is { } machine ? machine.Storage.Where(rate => rate.Cold).Select(rate => rate.BytesPerSecond).DefaultIfEmpty(0).Max() : Options.Device!.StorageBytesPerSecond;

    /// <summary>The model in a format.</summary>
    public Decoder In(string format)
    {
        if (!_models.TryGetValue(format, out (ModelFile? File, Decoder Decoder) model))
        {
            ModelFile? file = format == Own ? null : HollowModel.Like(_file, BlockFormats.Named(format));
            model = (file, Architectures.Build(new Blueprint(file ?? _file, new Opening(Precision.Bytes))));
            _models.Add(format, model);
        }

        return model.Decoder;
    }

    /// <summary>Bytes of a format's weights, the embedding's table among them.</summary>
    public double WeightBytes(string format)
    {
        Decoder decoder = In(format);
        return decoder.Weights.Append(decoder.Embedding.Table).Distinct().Sum(weight => (double)weight.Bytes);
    }

    /// <summary>Bytes that one sequence keeps.</summary>
    public double StateBytes(string format, string cell, int context)
    {
        using var pool = new Models.States.StatePool(In(format).States, 0, CellFormat.Named(cell));
        return ((double)pool.BytesPerToken * context) + (sizeof(float) * (double)pool.Floats);
    }

    /// <summary>Seconds of a run, and what bounds it.</summary>
    public (double Seconds, string Bound) Time(Plan plan, RunShape run)
    {
        (string, string, int, RunShape) key = (plan.WeightFormat, plan.CacheFormat, plan.Threads, run);
        if (!_times.TryGetValue(key, out (double Seconds, string Bound) time))
        {
            Target target = Machine is { } machine ? new MeasuredTarget(machine, plan.Threads) : new TableTarget(Options.Device!);
            var estimate = Roofline.Of(Demands(plan, run), target);
            _times.Add(key, time = (estimate.Seconds, estimate.Bound));
        }

        return time;
    }

    /// <summary>The most bytes of activations that a run has at once.</summary>
    public double Activations(Plan plan, RunShape run) =>
        Demands(plan, run).Max(operation => operation.ReadBytes + operation.WrittenBytes) + (4.0 * sizeof(float) * run.Rows * In(plan.WeightFormat).Embedding.Width);

    /// <summary>Closes what was opened.</summary>
    public void Dispose()
    {
        foreach ((ModelFile? file, _) in _models.Values)
            file?.Dispose();
    }

    private IReadOnlyList<Operation> Demands(Plan plan, RunShape run)
    {
        (string, string, RunShape) key = (plan.WeightFormat, plan.CacheFormat, run);
        if (!_demands.TryGetValue(key, out IReadOnlyList<Operation>? operations))
            _demands.Add(key, operations = In(plan.WeightFormat).Describe(run, CellFormat.Named(plan.CacheFormat)));
        return operations;
    }
}
