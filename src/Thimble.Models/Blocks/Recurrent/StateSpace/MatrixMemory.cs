using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Models.Blocks;

/// <summary>Heads that each keep a matrix of what they have seen; several share a query and a key.</summary>
/// <param name="Heads">Heads.</param>
/// <param name="KeyHeads">Queries and keys; each serves equally many heads.</param>
/// <param name="KeySize">Floats of a query and of a key.</param>
/// <param name="ValueSize">Floats of a head's value.</param>
internal sealed record MatrixMemory(int Heads, int KeyHeads, int KeySize, int ValueSize)
{
    private const int Piece = 4 * MatrixScan.Tile;   // columns of a matrix that one member takes at a time

    /// <summary>Whether what a matrix held under a key is taken out before the new value is put in: the delta rule.</summary>
    public bool Removes { get; init; }

    /// <summary>Whether neighbouring heads have different keys rather than sharing one.</summary>
    public bool Alternating { get; init; }

    /// <summary>Factor on a head's value that is added to its outcome, shape [heads]; null for 0.</summary>
    public float[]? Skip { get; init; }

    /// <summary>Floats that it keeps of a sequence.</summary>
    public int Floats => Heads * KeySize * ValueSize;

    /// <summary>Floats of all heads' values.</summary>
    public int Values => Heads * ValueSize;

    /// <summary>Floats of all queries, and of all keys.</summary>
    public int Keys => KeyHeads * KeySize;

    /// <summary>Runs it.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="mixed">Queries, keys and values, shape [rows, features].</param>
    /// <param name="columns">Where in a row they begin.</param>
    /// <param name="rates">What each head keeps of its matrix and how much it writes, shape [rows, 2 · heads].</param>
    /// <param name="state">The mixer's number, and where in its recurrent state the matrices begin.</param>
    /// <param name="y">Receives the outcome, shape [rows, heads · value size].</param>
    public void Apply(Pass pass, Matrix mixed, (int Query, int Key, int Value) columns, Matrix rates, (int Mixer, int Start) state, Matrix y)
    {
        var work = new Work(this, pass, mixed, columns, rates, state, y);
        if ((long)mixed.Rows * Floats > 1 << 14)
            pass.Team.Run(work);
        else
            work.Run(0, 1);
    }

    private readonly ref struct Work(
        MatrixMemory memory, Pass pass, Matrix mixed, (int Query, int Key, int Value) columns, Matrix rates, (int Mixer, int Start) state, Matrix y)
        : ITeamWork
    {
        private readonly MatrixMemory _memory = memory;
        private readonly Pass _pass = pass;
        private readonly Matrix _mixed = mixed, _rates = rates, _y = y;
        private readonly (int Query, int Key, int Value) _columns = columns;
        private readonly (int Mixer, int Start) _state = state;

        public void Run(int member, int members)
        {
            int piece = 0;
            foreach (Segment segment in _pass.Segments)
            {
                for (int head = 0; head < _memory.Heads; head++)
                {
                    for (int first = 0; first < _memory.ValueSize; first += Piece)
                    {
                        if (piece++ % members == member)
                            Scan(segment, head, first, Math.Min(first + Piece, _memory.ValueSize));
                    }
                }
            }
        }

        private void Scan(Segment segment, int head, int first, int end)
        {
            int size = _memory.KeySize * _memory.ValueSize;
            int key = _memory.Alternating ? head % _memory.KeyHeads : head / (_memory.Heads / _memory.KeyHeads);
            Lanes.Best(new MatrixScan
            {
                State = segment.State.Recurrent(_state.Mixer).Slice(_state.Start + (head * size), size),
                Mixed = _mixed.Part(segment.First, segment.Count),
                Columns = (
                    _columns.Query + (key * _memory.KeySize), _columns.Key + (key * _memory.KeySize), _columns.Value + (head * _memory.ValueSize)),
                Keys = _memory.KeySize,
                Values = (first, end),
                Rates = _rates.Part(segment.First, segment.Count),
                Rate = (head, _memory.Heads + head),
                Output = _y.Part(segment.First, segment.Count),
                OutputColumn = head * _memory.ValueSize,
                Skip = _memory.Skip?[head] ?? 0,
                Removes = _memory.Removes,
            });
        }
    }
}
