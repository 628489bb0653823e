namespace Thimble.Models.Files;

/// <summary>AWQ's words: each holds eight neighbouring rows' nibbles of one column, even rows before odd ones.</summary>
/// <remarks>Source: AutoAWQ, <c>WQLinear_GEMM</c>, whose order is 0, 2, 4, 6, 1, 3, 5, 7.</remarks>
/// <param name="quants">Shape [columns, rows / 8].</param>
/// <param name="zeros">Shape [groups, rows / 8].</param>
internal sealed class AwqPacking(PackedWords quants, PackedWords zeros) : IPacking
{
    private static ReadOnlySpan<byte> Shifts => [0, 16, 4, 20, 8, 24, 12, 28];   // of a word's rows 0 to 7

    public int Quant(int row, int column) => (int)(quants[column, row / 8] >> Shifts[row % 8]) & 15;

    public int Zero(int group, int row) => (int)(zeros[group, row / 8] >> Shifts[row % 8]) & 15;
}
