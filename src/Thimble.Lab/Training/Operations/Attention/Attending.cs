using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Softmax attention within each sequence of a batch, with grouped heads, windows, soft caps, slopes and sinks.</summary>
/// <remarks>Nothing of the square of a sequence is kept: shares are computed again, a tile of queries at a time, when the gradient is
/// pulled. With <c>P = softmax(S)</c>: <c>dS = P ⊙ (dP − rowsum(dP ⊙ P))</c>. Source: Dao et al., "FlashAttention", 2022, section 3.1.</remarks>
internal sealed class Attending : Operation
{
    private readonly AttentionShape _shape;
    private readonly Value _q, _k, _v, _y;
    private readonly (int First, int Count)[] _segments;

    private Attending(AttentionShape shape, Value q, Value k, Value v, (int, int)[] segments, Value y) =>
        (_shape, _q, _k, _v, _segments, _y) = (shape, q, k, v, segments, y);

    /// <summary>Attends.</summary>
    /// <param name="tape">The tape; its batch tells which rows are of one sequence.</param>
    /// <param name="q">Shape [rows, heads · key size].</param>
    /// <param name="k">Shape [rows, key heads · key size].</param>
    /// <param name="v">Shape [rows, key heads · value size].</param>
    /// <param name="shape">Heads and the rule of scores.</param>
    /// <returns>Shape [rows, heads · value size].</returns>
    public static Value Of(Tape tape, Value q, Value k, Value v, AttentionShape shape)
    {
        bool varied = q.IsVaried || k.IsVaried || v.IsVaried || shape.Sinks is { IsTrained: true };
        Value y = tape.Rent(q.Rows, shape.Heads * shape.ValueSize, varied);
        var attending = new Attending(shape, q, k, v, tape.Batch.Segments, y);
        attending.Each(tape, static head => head.Forward());
        return tape.Record(attending, y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Loan g = new(_y.Gradient(tape)), dq = new(_q.Gradient(tape)), dk = new(_k.Gradient(tape)), dv = new(_v.Gradient(tape));
        float[] sinks = _shape.Sinks is { IsTrained: true } ? new float[_segments.Length * _shape.Heads] : [];
        Each(tape, head => head.Pull(g, dq, dk, dv, sinks));
        for (int i = 0; i < sinks.Length; i++)
            _shape.Sinks!.Gradient.Values[i % _shape.Heads] += sinks[i];
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Loan t = new(_y.Tangent(tape)), q = new(_q.Tangent(tape)), k = new(_k.Tangent(tape)), v = new(_v.Tangent(tape));
        Each(tape, head => head.Push(q, k, v, t));
    }

    /// <summary>Does something for each key head of each sequence, shared among the team.</summary>
    private void Each(Tape tape, Action<AttendingHead> work) => tape.Team.Run(new Heads(this, work, new Tickets(), tape.Rooms));

    private readonly struct Heads(Attending attending, Action<AttendingHead> work, Tickets tickets, AttendingRoom[] rooms) : ITeamWork
    {
        public void Run(int member, int members)
        {
            AttendingRoom room = rooms[member];
            AttentionShape shape = attending._shape;
            int pieces = attending._segments.Length * shape.KeyHeads;
            for (int piece = tickets.Take(); piece < pieces; piece = tickets.Take())
            {
                (int first, int count) = attending._segments[piece / shape.KeyHeads];
                work(new AttendingHead(shape, room, attending._q, attending._k, attending._v, attending._y)
                {
                    Segment = piece / shape.KeyHeads,
                    KeyHead = piece % shape.KeyHeads,
                    First = first,
                    Count = count,
                });
            }
        }
    }
}

/// <summary>Heads of an attention, their sizes, and how scores are made.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyHeads">Key-value heads; each serves as many query heads.</param>
/// <param name="KeySize">Features of a query or key.</param>
/// <param name="ValueSize">Features of a value.</param>
/// <param name="Rule">How scores are made, and which keys a query sees.</param>
/// <param name="Sinks">A score without a value for each query head, shape [1, heads]; null for none.</param>
internal sealed record AttentionShape(int Heads, int KeyHeads, int KeySize, int ValueSize, AttentionRule Rule, Parameter? Sinks = null)
{
    /// <summary>Query heads of a key head.</summary>
    public int Group => Heads / KeyHeads;
}

/// <summary>One thread's memory and products for attention.</summary>
internal sealed class AttendingRoom : IDisposable
{
    private readonly Team _alone = new(1);

    /// <summary>Products, computed by this thread alone.</summary>
    public Gemm Gemm => field ??= new(_alone);

    /// <summary>Memory.</summary>
    public Arena Scratch { get; } = new();

    /// <inheritdoc />
    public void Dispose()
    {
        Gemm.Dispose();
        Scratch.Dispose();
        _alone.Dispose();
    }
}
