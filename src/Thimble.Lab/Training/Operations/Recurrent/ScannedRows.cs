using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>The sizes of one head.</summary>
internal readonly record struct ScannedHead(int Keys, int Values, bool Removes, float Skip);

/// <summary>Where one head's numbers of one sequence lie.</summary>
internal readonly record struct ScannedRows(Loan Mixed, Loan Rates, Loan Y, int First, int Query, int Key, int Value, int Keep, int Write, int Outcome)
{
    /// <summary>A token's query.</summary>
    public Span<float> Q(int token, ScannedHead shape) => Mixed.Matrix[First + token].Slice(Query, shape.Keys);

    /// <summary>A token's key.</summary>
    public Span<float> K(int token, ScannedHead shape) => Mixed.Matrix[First + token].Slice(Key, shape.Keys);

    /// <summary>A token's value.</summary>
    public Span<float> V(int token, ScannedHead shape) => Mixed.Matrix[First + token].Slice(Value, shape.Values);

    /// <summary>A token's outcome.</summary>
    public Span<float> O(int token, ScannedHead shape) => Y.Matrix[First + token].Slice(Outcome, shape.Values);

    /// <summary>What is kept of the matrix.</summary>
    public ref float A(int token) => ref Rates.Matrix[First + token][Keep];

    /// <summary>How much is written to it.</summary>
    public ref float B(int token) => ref Rates.Matrix[First + token][Write];
}
