using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Records a computation so that its derivative can be pulled back from the loss, or pushed on from a direction.</summary>
/// <remarks>Reused from step to step: memory is rented from an arena and given back all at once. One tape at a time per team.</remarks>
internal sealed class Tape : IDisposable
{
    private List<(Operation Operation, Value? Outcome)> _operations = [];
    private Dictionary<int, Stack<Loan>> _spare = [];   // room of gradients that nobody asks for any more, by their length

    /// <summary>An empty tape.</summary>
    /// <param name="team">Shares the work.</param>
    public Tape(Team team) => (Team, Gemm, Rooms) = (team, new Gemm(team), [.. Enumerable.Range(0, team.Size).Select(_ => new AttendingRoom())]);

    /// <summary>Who shares the work.</summary>
    public Team Team { get; }

    /// <summary>Products of matrices.</summary>
    public Gemm Gemm { get; }

    /// <summary>Memory and products of each member of the team.</summary>
    public AttendingRoom[] Rooms { get; }

    /// <summary>Memory for what is computed.</summary>
    public Arena Scratch { get; } = new();

    /// <summary>Whether tangents are pushed along as values are computed.</summary>
    public bool Pushes { get; set; }

    /// <summary>Whether operations are remembered, so that gradients can be pulled.</summary>
    public bool Pulls { get; set; } = true;

    /// <summary>Whether a model is learning, so that what is random in learning is so.</summary>
    public bool Learns { get; set; }

    /// <summary>The rows now computed: which sequences they belong to and where in them they stand.</summary>
    public Batch Batch { get; set; } = Batch.Empty;

    /// <summary>Forgets everything computed.</summary>
    public void Clear()
    {
        _operations.Clear();
        _spare.Clear();
        Scratch.Reset();
    }

    /// <summary>A value to be computed now.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="isVaried">Whether it depends on something that is trained.</param>
    public Value Rent(int rows, int columns, bool isVaried) => new(Scratch.Lend(rows, columns), isVaried);

    /// <summary>Remembers how a value was computed.</summary>
    /// <param name="operation">The operation; its value is there.</param>
    /// <param name="outcome">The value.</param>
    /// <returns><paramref name="outcome"/>.</returns>
    public Value Record(Operation operation, Value outcome)
    {
        if (Pushes)
            operation.Push(this);
        if (Pulls && outcome.IsVaried)
            _operations.Add((operation, outcome.Begin() ? outcome : null));
        return outcome;
    }

    /// <summary>Remembers an operation that has no value of its own: a loss.</summary>
    public void Remember(Operation operation) => _operations.Add((operation, null));

    /// <summary>Pulls the gradients of all that was recorded, the last first. A value's own is gone once it has been handed on.</summary>
    public void Pull()
    {
        List<(Operation Operation, Value? Outcome)> operations = _operations;
        for (int i = operations.Count - 1; i >= 0; i--)
        {
            operations[i].Operation.Pull(this);
            operations[i].Outcome?.Release(this);
        }

        operations.Clear();
    }

    /// <summary>Room for a gradient, all zeros: that of one that was handed on, or new.</summary>
    public Loan LendZeros(int rows, int columns)
    {
        Loan zeros = _spare.TryGetValue(rows * columns, out Stack<Loan>? spare) && spare.TryPop(out Loan used)
            ? new Loan(new Matrix(used.Matrix.Values, columns))
            : Scratch.Lend(rows, columns);
        zeros.Matrix.Values.Clear();
        return zeros;
    }

    /// <summary>Takes the room of a gradient back, for another of its size.</summary>
    public void Spare(Loan gradient)
    {
        int length = gradient.Matrix.Values.Length;
        if (!_spare.TryGetValue(length, out Stack<Loan>? spare))
            _spare.Add(length, spare = []);
        spare.Push(gradient);
    }

    /// <summary>Computes something on a tape of its own that shares this one's memory, and pulls a gradient through it.</summary>
    /// <param name="work">Computes the outcome.</param>
    /// <param name="gradient">Of the loss by the outcome; of its shape.</param>
    public void PullThrough(Func<Value> work, Matrix gradient)
    {
        (List<(Operation, Value?)> outer, Dictionary<int, Stack<Loan>> spare) = (_operations, _spare);
        (_operations, _spare) = ([], []);   // what is lent in here is given back behind it
        Value outcome = work();
        gradient.Values.CopyTo(outcome.Gradient(this).Values);
        Pull();
        (_operations, _spare) = (outer, spare);
    }

    /// <summary>Does every row, shared among the team.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="work">Does a row; rows may run at the same time.</param>
    public void EachRow(int rows, Action<int> work) => Team.Run(new Rows(rows, work));

    /// <summary>Does ranges of columns, shared among the team: for sums over rows, whose order is then the same for any team.</summary>
    /// <param name="columns">Columns.</param>
    /// <param name="work">Does the columns from the first number, as many as the second.</param>
    public void EachColumns(int columns, Action<int, int> work) => Team.Run(new Stretches(columns, work));

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Gemm.Dispose();
        Scratch.Dispose();
        foreach (AttendingRoom room in Rooms)
            room.Dispose();
    }

    private readonly struct Rows(int rows, Action<int> work) : ITeamWork
    {
        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(rows, 1, member, members);
            for (int row = first; row < end; row++)
                work(row);
        }
    }

    private readonly struct Stretches(int columns, Action<int, int> work) : ITeamWork
    {
        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(columns, 16, member, members);
            if (end > first)
                work(first, end - first);
        }
    }
}
