namespace Thimble.Models.Blocks;

/// <summary>One operation of a run and what it asks of a machine: arithmetic, bytes by what they are, messages.</summary>
/// <param name="Name">Its name, as the tensor's where it has one.</param>
/// <param name="Kernel">Who computes it: a weight's number format, or a word such as <c>attention</c>.</param>
internal sealed record Operation(string Name, string Kernel)
{
    /// <summary>The kernel of attention.</summary>
    public const string Attention = "attention";

    /// <summary>The kernel of recurrent states.</summary>
    public const string Recurrence = "recurrence";

    /// <summary>The kernel of norms.</summary>
    public const string Norm = "norm";

    /// <summary>The kernel of what is done feature by feature.</summary>
    public const string Map = "map";

    /// <summary>The kernel of rows taken from a table.</summary>
    public const string Lookup = "lookup";

    /// <summary>The kernel of what passes between machines.</summary>
    public const string Message = "message";

    /// <summary>The layer it belongs to; −1 for none.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>Whether it multiplies with weights.</summary>
    public bool IsProduct { get; init; }

    /// <summary>Matrices that it multiplies with, or sequences whose keys it meets.</summary>
    public double Matrices { get; init; }

    /// <summary>Tokens that each matrix, or the operation, meets.</summary>
    public double Rows { get; init; }

    /// <summary>Multiplications, additions and the like; a multiply-add counts as two.</summary>
    public double Operations { get; init; }

    /// <summary>Bytes of weights that it reads.</summary>
    public double WeightBytes { get; init; }

    /// <summary>Bytes of activations that it reads.</summary>
    public double ReadBytes { get; init; }

    /// <summary>Bytes of activations that it writes.</summary>
    public double WrittenBytes { get; init; }

    /// <summary>Bytes of keys, values and states that it reads.</summary>
    public double CacheReadBytes { get; init; }

    /// <summary>Bytes of keys, values and states that it writes.</summary>
    public double CacheWrittenBytes { get; init; }

    /// <summary>Scores of queries with keys that it computes.</summary>
    public double Scores { get; init; }

    /// <summary>Which activations stay on the chip and never see memory.</summary>
    public Kept Kept { get; init; }

    /// <summary>What passes between machines; null for nothing.</summary>
    public Collective? Collective { get; init; }

    /// <summary>How often the team forks and joins for it.</summary>
    public double Forks { get; init; } = 1;

    /// <summary>How often it happens.</summary>
    public double Times { get; init; } = 1;

    /// <summary>All bytes that it moves, each time.</summary>
    public double Bytes => WeightBytes + ReadBytes + WrittenBytes + CacheReadBytes + CacheWrittenBytes;
}

/// <summary>Activations that stay on the chip.</summary>
[Flags]
internal enum Kept
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>What is read.</summary>
    Read = 1,

    /// <summary>What is written.</summary>
    Written = 2,
}

/// <summary>What several machines exchange.</summary>
/// <param name="Pattern">Its name, such as <c>all-reduce</c>.</param>
/// <param name="Nodes">Machines that take part.</param>
/// <param name="Bytes">Bytes of each.</param>
internal sealed record Collective(string Pattern, int Nodes, double Bytes);
