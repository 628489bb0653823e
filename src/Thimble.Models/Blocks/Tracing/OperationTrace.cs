using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>One operation of a run.</summary>
/// <param name="Kind">What it computes: <c>MatMul</c>, <c>Norm</c>, the name of a block for what that does besides.</param>
/// <param name="Name">The tensors or layer it belongs to.</param>
/// <param name="Rows">Rows it is computed for.</param>
/// <param name="Inputs">Features in.</param>
/// <param name="Outputs">Features out.</param>
/// <param name="Time">Its own time, without that of operations inside it.</param>
/// <param name="Bytes">Bytes of weights it reads; 0 where it reads none.</param>
internal sealed record TimedOperation(string Kind, string Name, int Rows, int Inputs, int Outputs, TimeSpan Time, long Bytes);

/// <summary>Times the operations of runs. Where a run has none, an operation costs the look whether it has.</summary>
/// <param name="time">The clock.</param>
internal sealed class OperationTrace(TimeProvider time)
{
    private readonly List<TimedOperation> _operations = [];
    private readonly Stack<(string Kind, string Name, int Rows, int Inputs, int Outputs, long Bytes, long Start, long Inside)> _open = [];

    /// <summary>What was timed, in the order it ended.</summary>
    public IReadOnlyList<TimedOperation> Operations => _operations;

    /// <summary>The layer at hand, for names.</summary>
    public int Layer { get; set; } = -1;

    /// <summary>Forgets what was timed.</summary>
    public void Clear() => _operations.Clear();

    /// <summary>Begins a product.</summary>
    public static OperationMark Product(OperationTrace? trace, Weight[] parts, int rows)
    {
        if (trace is null)
            return default;
        string name = parts.Length == 1 ? parts[0].Name : string.Join('+', parts.Select(part => part.Name));
        return trace.Begin("MatMul", name, rows, parts[0].Columns, parts.Sum(part => part.Rows), parts.Sum(part => part.Bytes));
    }

    /// <summary>Begins what a block or step does.</summary>
    public static OperationMark Of(OperationTrace? trace, object what, Matrix x, int outputs) =>
        trace is null ? default : trace.Begin(what.GetType().Name, trace.Layer < 0 ? "" : $"blk.{trace.Layer}", x.Rows, x.Columns, outputs, 0);

    /// <summary>Begins anything else.</summary>
    public static OperationMark Of(OperationTrace? trace, string kind, int rows, int inputs, int outputs) =>
        trace is null ? default : trace.Begin(kind, trace.Layer < 0 ? "" : $"blk.{trace.Layer}", rows, inputs, outputs, 0);

    /// <summary>Ends the operation begun last.</summary>
    public void End()
    {
        var (kind, name, rows, inputs, outputs, bytes, start, inside) = _open.Pop();
        long took = time.GetTimestamp() - start;
        _operations.Add(new(kind, name, rows, inputs, outputs, time.GetElapsedTime(0, took - inside), bytes));
        if (_open.TryPop(out var outer))
            _open.Push(outer with { Inside = outer.Inside + took });
    }

    private OperationMark Begin(string kind, string name, int rows, int inputs, int outputs, long bytes)
    {
        _open.Push((kind, name, rows, inputs, outputs, bytes, time.GetTimestamp(), 0));
        return new(this);
    }
}

/// <summary>Ends an operation when disposed; one of no trace does nothing.</summary>
internal readonly ref struct OperationMark(OperationTrace? trace)
{
    /// <summary>Ends it.</summary>
    public void Dispose() => trace?.End();
}
