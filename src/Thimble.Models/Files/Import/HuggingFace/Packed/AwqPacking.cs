namespace Thimble.Models.Files;

/// <summary>AWQ's words: each holds eight neighbouring rows' nibbles of one column, even rows before odd ones.</summary>
/// <remarks>Source: AutoAWQ, <c>WQLinear_GEMM</c>, whose order is 0, 2, 4, 6, 1, 3, 5, 7.</remarks>
/// <param name="quants">Shape [columns, rows / 8].</param>
/// <param name="zeros">Shape [groups, rows / 8].</param>
internal sealed class AwqPacking(PackedWords quants, PackedWords zeros) : IPacking
{
    private static ReadOnlySpan<byte> Shifts => [0, 16, 4, 20, 8, 24, 12, 28];   // of a word's rows 0 to 7

    public void Rows(int first, int count, Span<byte> into)
    {
        int columns = into.Length / count, words = (count + 7) / 8;
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<uint> row = quants.Row(column, first / 8, words);
            for (int i = 0; i < count; i++)
                into[(i * columns) + column] = (byte)((row[i / 8] >> Shifts[i % 8]) & 15);
        }
    }

    public int Zero(int group, int row) => (int)(zeros[group, row / 8] >> Shifts[row % 8]) & 15;
}
