namespace Thimble.Models.Files;

/// <summary>GPTQ's words: those of a row follow one another a whole row of words apart, and hold its numbers as one run of bits.</summary>
/// <remarks>Source: AutoGPTQ, <c>QuantLinear.pack</c>. In its first format a zero is stored less one; its second has it as it is.</remarks>
/// <param name="quants">Shape [columns · bits / 32, rows].</param>
/// <param name="zeros">Shape [groups, rows · bits / 32].</param>
/// <param name="bits">Bits of a number: 2, 3, 4 or 8.</param>
/// <param name="added">What is added to a stored zero.</param>
internal sealed class GptqPacking(PackedWords quants, PackedWords zeros, int bits, int added) : IPacking
{
    public void Rows(int first, int count, Span<byte> into)
    {
        int columns = into.Length / count;
        for (int column = 0; column < columns; column++)
        {
            (int word, int shift) = int.DivRem(column * bits, 32);
            ReadOnlySpan<uint> words = quants.Row(word, first, count), next = shift + bits > 32 ? quants.Row(word + 1, first, count) : words;
            for (int row = 0; row < count; row++)
                into[(row * columns) + column] = (byte)Cut(words[row], next[row], shift);
        }
    }

    public int Zero(int group, int row)
    {
        (int word, int shift) = int.DivRem(row * bits, 32);
        return Cut(zeros[group, word], shift + bits > 32 ? zeros[group, word + 1] : 0, shift) + added;
    }

    private int Cut(uint word, uint next, int shift) => (int)((((ulong)next << 32) | word) >> shift) & ((1 << bits) - 1);
}
