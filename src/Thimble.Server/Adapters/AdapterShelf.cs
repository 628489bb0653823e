using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Http;

namespace Thimble.Server.Adapters;

/// <summary>The adapters that requests may go through: several at once, others in each request, loaded when first asked for.</summary>
internal sealed class AdapterShelf(ServerOptions options)
{
    private readonly ConditionalWeakTable<Model, Adapter[]> _loaded = [];
    private readonly Lock _lock = new();
    private readonly float[] _scales = [.. options.Adapters.Select(adapter => adapter.Scale)];

    /// <summary>Paths and scales in force, by number.</summary>
    public IReadOnlyList<ServedAdapter> All
    {
        get
        {
            lock (_lock)
                return [.. options.Adapters.Select((adapter, i) => adapter with { Scale = _scales[i] })];
        }
    }

    /// <summary>Sets the scales that requests get which ask for none; those left out get 0.</summary>
    /// <exception cref="Rejection">There is no adapter of a number.</exception>
    public void Set(IReadOnlyList<(int Id, float Scale)> scales)
    {
        lock (_lock)
        {
            Array.Clear(_scales);
            foreach ((int id, float scale) in scales)
                _scales[id] = scale;
        }
    }

    /// <summary>The adapters of a request: those it asks for in <c>lora</c>, else those in force.</summary>
    /// <exception cref="Rejection">There is no adapter of a number, or the model is not the one that they are for.</exception>
    public IReadOnlyList<AppliedAdapter> For(ModelLease lease, Field body)
    {
        Field field = body["lora"];
        IReadOnlyList<(int Id, float Scale)> asked = field.IsGiven ? Read(field) : [];
        if (options.Adapters.Count == 0 || lease.Name != Serving.NameOf(options))
        {
            return asked.Count == 0 ? []
                : throw Rejection.Of("lora", $"'lora' asks for adapters; '{lease.Name}' is served without any.");
        }

        float[] scales;
        lock (_lock)
            scales = field.IsGiven ? new float[_scales.Length] : [.. _scales];
        foreach ((int id, float scale) in asked)
            scales[id] = scale;
        Adapter[] loaded = _loaded.GetValue(lease.Model, model => [.. options.Adapters.Select(adapter => model.LoadAdapter(adapter.Path))]);
        return [.. loaded.Zip(scales).Where(pair => pair.Second != 0).Select(pair => new AppliedAdapter(pair.First, pair.Second))];
    }

    /// <summary>Numbers and scales.</summary>
    /// <exception cref="Rejection">A field is wrong, or there is no adapter of a number.</exception>
    public IReadOnlyList<(int Id, float Scale)> Read(Field list) =>
        [.. list.Items(1024).Select(item => (Known(item["id"]), (float)(item["scale"].Number(-100, 100) ?? 1)))];

    private int Known(Field id) => id.Count() is { } number && number < _scales.Length
        ? number
        : throw Rejection.Of(id.Path, $"'{id.Path}' is no adapter; expected {(_scales.Length == 0 ? "none, since none is served" : $"0 to {_scales.Length - 1}")}.");
}
