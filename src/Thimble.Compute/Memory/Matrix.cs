using System.Runtime.CompilerServices;

namespace Thimble.Compute.Memory;

/// <summary>A matrix of floats in rows, borrowed from an <see cref="Arena"/> or an array.</summary>
/// <param name="values">The floats, shape [rows · columns].</param>
/// <param name="columns">Floats in a row, at least 1.</param>
internal readonly ref struct Matrix(Span<float> values, int columns)
{
    /// <summary>All values, row after row.</summary>
    public Span<float> Values { get; } = values;

    /// <summary>Floats in a row.</summary>
    public int Columns { get; } = columns;

    /// <summary>Rows.</summary>
    public int Rows => Values.Length / Columns;

    /// <summary>One row, shape [<see cref="Columns"/>].</summary>
    public Span<float> this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Values.Slice(row * Columns, Columns);
    }

    /// <summary>Rows <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/>.</summary>
    public Matrix Part(int first, int count) => new(Values.Slice(first * Columns, count * Columns), Columns);
}
