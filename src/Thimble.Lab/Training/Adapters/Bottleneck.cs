using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Adapters;

namespace Thimble.Lab.Training;

/// <summary>Series and parallel adapters: a narrow network behind a weight, <c>y = h + s·U·f(D·h)</c> with <c>h = W·x</c>; before it,
/// <c>y = W·(x + s·U·f(D·x))</c>; or beside it, <c>y = W·x + s·U·f(D·x)</c>, with s fixed or trained (scaled parallel).</summary>
/// <remarks>U is zero at first, so that nothing changes at first. Source: Houlsby et al., "Parameter-Efficient Transfer Learning for NLP", 2019,
/// section 2.1; He et al., "Towards a Unified View of Parameter-Efficient Transfer Learning", 2022, table 1 and section 4.6 for the scale.</remarks>
internal sealed class Bottleneck : IChange
{
    private readonly Parameter _weight, _down, _up;
    private readonly Parameter? _learnt;
    private readonly Nonlinearity _function;
    private readonly BottleneckPlace _place;
    private readonly float _scale;

    /// <param name="weight">The frozen weight.</param>
    /// <param name="options">Width, function and scale.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="learnsScale">Whether s is trained.</param>
    /// <param name="random">Draws D, uniformly within ± 1/√inputs.</param>
    public Bottleneck(Parameter weight, TrainedAdapterOptions options, BottleneckPlace place, bool learnsScale, Random random)
    {
        int given = place == BottleneckPlace.Behind ? weight.Rows : weight.Columns, gives = place == BottleneckPlace.Before ? weight.Columns : weight.Rows;
        (_weight, _place, _scale, _function) = (weight, place, options.Scale, BottleneckFunctions.Named(options.Function, "the recipe's 'function'"));
        _down = new Parameter($"{weight.Name}.adapter_down", Drawn.Uniform(options.Rank, given, random), given) { IsTrained = true };
        _up = new Parameter($"{weight.Name}.adapter_up", new float[gives * options.Rank], options.Rank) { IsTrained = true };
        _learnt = learnsScale ? new Parameter($"{weight.Name}.adapter_scaling", [options.Scale], 1) { IsTrained = true } : null;
    }

    /// <inheritdoc />
    public IEnumerable<Parameter> Parameters => _learnt is null ? [_down, _up] : [_down, _up, _learnt];

    /// <inheritdoc />
    public IEnumerable<DraftPart> Parts
    {
        get
        {
            yield return new(_weight.Name, "adapter_down.weight", [.. _down.Values], _down.Columns) { OutputColumns = _place == BottleneckPlace.Behind ? _weight.Rows : 0 };
            yield return new(_weight.Name, "adapter_up.weight", [.. _up.Values], _up.Columns) { OutputRows = _place == BottleneckPlace.Before ? 0 : _weight.Rows };
            if (_learnt is not null)
                yield return new(_weight.Name, "adapter_scaling", [.. _learnt.Values], 0);
        }
    }

    /// <inheritdoc />
    public Value Apply(Tape tape, Value x, Value y)
    {
        Value narrow = Activation.Of(tape, _function, LinearMap.Of(tape, _place == BottleneckPlace.Behind ? y : x, _down));
        Value change = LinearMap.Of(tape, narrow, _up);
        if (_place == BottleneckPlace.Before)
            change = LinearMap.Of(tape, change, _weight);
        return _learnt is null ? Sum.Of(tape, y, change, _scale) : Sum.Of(tape, y, Factored.Of(tape, change, _learnt));
    }

    /// <inheritdoc />
    public void Merge(Gemm gemm, Matrix weight) => throw Bent();

    /// <inheritdoc />
    public void Unmerge(Gemm gemm, Matrix weight) => throw Bent();

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Parameter parameter in Parameters)
            parameter.Dispose();
    }

    private NotSupportedException Bent() =>
        new($"The adapter of '{_weight.Name}' has a function between its matrices, so no weight can hold it. Save it beside the model; known to merge: dora, lora.");
}
