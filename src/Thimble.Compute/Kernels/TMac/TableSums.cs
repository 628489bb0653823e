using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>What becomes of sums in 16 bits, once for each group of columns: times whole-number scales, exact, and then floats.</summary>
/// <remarks>The sums of 32 rows lie in an order in which a register needs no more than one operation to have rows 0 to 15, or 16 to 31, as
/// pairs of 16-bit numbers: see <see cref="TableOrder"/>. A pair of numbers is given as an int, the first lowest.</remarks>
/// <typeparam name="TLane">The register of floats.</typeparam>
internal unsafe interface ITableSums<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary><c>first − less₁</c> and <c>second − less₂</c>, times a pair of codes for each row, added.</summary>
    /// <param name="first">Sums of 32 rows in the order <see cref="TableOrder.Paired"/>.</param>
    /// <param name="second">Likewise, of the next group.</param>
    /// <param name="row">The first row wanted, in [0, 32).</param>
    /// <param name="less">The pair that is taken off.</param>
    /// <param name="codes">The codes of sixteen rows, a pair of signed bytes each.</param>
    static abstract TLane Paired(byte* first, byte* second, int row, int less, byte* codes);

    /// <summary><c>(sum − less) · code + more · code</c> for each row, one of a pair of codes being zero.</summary>
    /// <param name="sums">Sums of 32 rows in the order <see cref="TableOrder.Single"/>.</param>
    /// <param name="row">The first row wanted, in [0, 32).</param>
    /// <param name="less">What is taken off so that 16 bits hold the rest.</param>
    /// <param name="more">What is given back.</param>
    /// <param name="codes">The codes of sixteen rows.</param>
    static abstract TLane Coded(byte* sums, int row, short less, short more, byte* codes);

    /// <summary><c>(sum − less) + more</c>, likewise without codes.</summary>
    static abstract TLane Plain(byte* sums, int row, short less, int more);

    /// <summary>A pair times a pair of codes for each row, added.</summary>
    static abstract TLane Floors(int pair, int row, byte* codes);
}

/// <summary>Where in 32 words the rows of a quarter tile lie.</summary>
internal static class TableOrder
{
    /// <summary>Rows 0 to 15 at even places, 16 to 31 between them.</summary>
    public static int Single(int row) => (row % 16 * 2) + (row / 16);

    /// <summary>Rows 0 to 15 in the lower halves of quarters, which interleaving joins.</summary>
    public static int Paired(int row) => (row % 16 / 4 * 8) + (row / 16 * 4) + (row % 4);
}

/// <inheritdoc />
internal readonly unsafe struct Sums512 : ITableSums<V512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Paired(byte* first, byte* second, int row, int less, byte* codes)
    {
        Vector512<short> a = Vector512.Load((short*)first), b = Vector512.Load((short*)second);
        Vector512<short> pairs = (row < 16 ? Avx512BW.UnpackLow(a, b) : Avx512BW.UnpackHigh(a, b)) - Vector512.Create(less).AsInt16();
        return new(Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(pairs, Codes(codes))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Coded(byte* sums, int row, short less, short more, byte* codes)
    {
        Vector512<short> by = Codes(codes);
        return new(Vector512.ConvertToSingle(
            Avx512BW.MultiplyAddAdjacent(Vector512.Load((short*)sums) - Vector512.Create(less), by) +
            Avx512BW.MultiplyAddAdjacent(Vector512.Create(more), by)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Plain(byte* sums, int row, short less, int more)
    {
        Vector512<int> all = (Vector512.Load((short*)sums) - Vector512.Create(less)).AsInt32();
        Vector512<int> wanted = Avx512BW.MultiplyAddAdjacent(all.AsInt16(), Vector512.Create(row < 16 ? 1 : 1 << 16).AsInt16());
        return new(Vector512.ConvertToSingle(wanted + Vector512.Create(more)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Floors(int pair, int row, byte* codes) =>
        new(Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(Vector512.Create(pair).AsInt16(), Codes(codes))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Codes(byte* codes) => Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)codes));
}

/// <inheritdoc />
internal readonly unsafe struct SumsScalar : ITableSums<Scalar>
{
    public static Scalar Paired(byte* first, byte* second, int row, int less, byte* codes)
    {
        int at = TableOrder.Paired(row), code = row % 16 * 2;
        int a = (short)(((short*)first)[at] - (short)less), b = (short)(((short*)second)[at] - (less >> 16));
        return Scalar.Fill((a * (sbyte)codes[code]) + (b * (sbyte)codes[code + 1]));
    }

    public static Scalar Coded(byte* sums, int row, short less, short more, byte* codes) =>
        Scalar.Fill((Taken(sums, row, less) + more) * (sbyte)codes[(row % 16 * 2) + (row / 16)]);

    public static Scalar Plain(byte* sums, int row, short less, int more) => Scalar.Fill(Taken(sums, row, less) + more);

    public static Scalar Floors(int pair, int row, byte* codes) =>
        Scalar.Fill(((short)pair * (sbyte)codes[row % 16 * 2]) + ((pair >> 16) * (sbyte)codes[(row % 16 * 2) + 1]));

    private static int Taken(byte* sums, int row, short less) => (short)(((short*)sums)[TableOrder.Single(row)] - less);
}
