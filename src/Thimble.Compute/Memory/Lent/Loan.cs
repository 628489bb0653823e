using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thimble.Compute.Memory;

/// <summary>A matrix in native memory that can be kept in a field, for as long as its lender leaves it.</summary>
internal readonly unsafe struct Loan
{
    private readonly float* _start;
    private readonly int _length, _columns;

    /// <param name="matrix">A matrix in native memory; never one on the managed heap.</param>
    public Loan(Matrix matrix)
    {
        _start = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(matrix.Values));
        (_length, _columns) = (matrix.Values.Length, matrix.Columns);
    }

    /// <summary>Whether nothing has been lent.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>The matrix.</summary>
    public Matrix Matrix => new(new Span<float>(_start, _length), _columns);
}
