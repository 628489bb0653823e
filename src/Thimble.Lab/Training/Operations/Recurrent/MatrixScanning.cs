using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Heads whose memory is a matrix, over whole sequences: <c>S = a·S + k·uᵀ</c>, <c>y = Sᵀ·q + D·v</c>, with <c>u = β·v</c>, or by
/// the delta rule <c>u = β·(v − a·Sᵀ·k)</c>.</summary>
/// <remarks>The reverse run computes a head's matrices of all tokens once more, for one sequence and head at a time: memory is tokens ·
/// key size · value size, in each member of the team. Source: Yang et al., "Gated Delta Networks", 2025, eq. 10.</remarks>
internal sealed class MatrixScanning : Operation
{
    private readonly MatrixMemory _memory;
    private readonly Value _mixed, _rates, _y;
    private readonly Parameter? _skip;
    private readonly (int Query, int Key, int Value) _columns;
    private readonly (int First, int Count)[] _segments;

    private MatrixScanning(MatrixMemory memory, Value mixed, (int, int, int) columns, Value rates, Parameter? skip, (int, int)[] segments, Value y) =>
        (_memory, _mixed, _columns, _rates, _skip, _segments, _y) = (memory, mixed, columns, rates, skip, segments, y);

    /// <summary>Scans.</summary>
    /// <param name="tape">The tape; its batch says which rows are one sequence.</param>
    /// <param name="memory">The heads.</param>
    /// <param name="mixed">Queries, keys and values, shape [rows, features].</param>
    /// <param name="columns">Where in a row they begin.</param>
    /// <param name="rates">What each head keeps and how much it writes, shape [rows, 2 · heads].</param>
    /// <param name="skip">D, shape [1, heads]; null for 0.</param>
    /// <returns>Shape [rows, heads · value size].</returns>
    public static Value Of(Tape tape, MatrixMemory memory, Value mixed, (int Query, int Key, int Value) columns, Value rates, Parameter? skip)
    {
        Value y = tape.Rent(mixed.Rows, memory.Values, mixed.IsVaried || rates.IsVaried || skip is { IsTrained: true });
        var operation = new MatrixScanning(memory, mixed, columns, rates, skip, tape.Batch.Segments, y);
        operation.EachKeyHead(tape, (segment, head) => new HeadScan(operation.Part(head), segment.Count).Forward(operation.At(segment, head)));
        return tape.Record(operation, y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Loan g = new(_y.Gradient(tape)), mixed = new(_mixed.Gradient(tape)), rates = new(_rates.Gradient(tape));
        float[] skips = new float[_memory.Heads * _segments.Length];
        EachKeyHead(tape, (segment, head) => skips[(Array.IndexOf(_segments, segment) * _memory.Heads) + head] =
            new HeadScan(Part(head), segment.Count).Pull(At(segment, head), At(segment, head, mixed, rates, g)));
        for (int i = 0; _skip is { IsTrained: true } && i < skips.Length; i++)
            _skip.Gradient.Values[i % _memory.Heads] += skips[i];
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Loan t = new(_y.Tangent(tape)), mixed = new(_mixed.Tangent(tape)), rates = new(_rates.Tangent(tape));
        EachKeyHead(tape, (segment, head) => new HeadScan(Part(head), segment.Count).Push(
            At(segment, head), At(segment, head, mixed, rates, t), _skip is { HasTangent: true } ? _skip.Tangent.Values[head] : 0));
    }

    /// <summary>Every sequence and head; heads that share a key are one member's, one after the other.</summary>
    private void EachKeyHead(Tape tape, Action<(int First, int Count), int> work) => tape.EachRow(_segments.Length * _memory.KeyHeads, item =>
    {
        for (int head = 0; head < _memory.Heads; head++)
        {
            if (KeyHead(head) == item % _memory.KeyHeads)
                work(_segments[item / _memory.KeyHeads], head);
        }
    });

    private int KeyHead(int head) => _memory.Alternating ? head % _memory.KeyHeads : head / (_memory.Heads / _memory.KeyHeads);

    private ScannedHead Part(int head) => new(_memory.KeySize, _memory.ValueSize, _memory.Removes, _skip?.Values[head] ?? 0);

    private ScannedRows At((int First, int Count) segment, int head) => At(segment, head, new(_mixed.Result), new(_rates.Result), new(_y.Result));

    private ScannedRows At((int First, int Count) segment, int head, Loan mixed, Loan rates, Loan y) => new(
        mixed, rates, y, segment.First, _columns.Query + (KeyHead(head) * _memory.KeySize), _columns.Key + (KeyHead(head) * _memory.KeySize),
        _columns.Value + (head * _memory.ValueSize), head, _memory.Heads + head, head * _memory.ValueSize);
}
