using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>Between floats and the signed bytes of the whole-number view.</summary>
internal static class WholeNumbers
{
    /// <summary>The values of one block: <c>w[i] = scale[g] · q[i] + offset[g]</c>, each operation rounded.</summary>
    [SkipLocalsInit]
    public static void Decode<TBlock>(ref readonly TBlock block, Span<float> values)
        where TBlock : unmanaged, IQuantized<TBlock>
    {
        int groups = TBlock.Length / TBlock.Group;
        Span<sbyte> quants = stackalloc sbyte[TBlock.Length];
        Span<float> scales = stackalloc float[groups], offsets = stackalloc float[groups];
        TBlock.Unpack(in block, quants, scales, offsets);
        for (int g = 0; g < groups; g++)
        {
            Span<float> target = values.Slice(g * TBlock.Group, TBlock.Group);
            Widen(quants.Slice(g * TBlock.Group, TBlock.Group), scales[g], TBlock.HasOffset ? offsets[g] : 0, TBlock.HasOffset, target);
        }
    }

    /// <summary>The nearest whole numbers of <c>values · inverse</c> within bounds.</summary>
    /// <param name="values">Values, shape [multiple of 16].</param>
    /// <param name="inverse">What they are multiplied with first.</param>
    /// <param name="quants">Receives the levels, shape like <paramref name="values"/>.</param>
    public static void Round<TLevels>(ReadOnlySpan<float> values, float inverse, Span<sbyte> quants)
        where TLevels : ILevels
    {
        quants = quants[..values.Length];
        ref float source = ref MemoryMarshal.GetReference(values);
        ref sbyte target = ref MemoryMarshal.GetReference(quants);
        var scale = Vector256.Create(inverse);
        for (nuint i = 0; i < (nuint)values.Length; i += 16)
        {
            var low = Vector256.ConvertToInt32(TLevels.Nearest(Vector256.LoadUnsafe(ref source, i) * scale));
            var high = Vector256.ConvertToInt32(TLevels.Nearest(Vector256.LoadUnsafe(ref source, i + 8) * scale));
            var both = Vector256.Narrow(low, high);
            Vector128.Narrow(both.GetLower(), both.GetUpper()).StoreUnsafe(ref target, i);
        }
    }

    private static void Widen(ReadOnlySpan<sbyte> quants, float scale, float offset, bool hasOffset, Span<float> values)
    {
        values = values[..quants.Length];
        ref sbyte source = ref MemoryMarshal.GetReference(quants);
        ref float target = ref MemoryMarshal.GetReference(values);
        Vector256<float> scales = Vector256.Create(scale), offsets = Vector256.Create(offset);
        for (nuint i = 0; i < (nuint)quants.Length; i += 16)
        {
            var words = Vector256.WidenLower(Vector128.LoadUnsafe(ref source, i).ToVector256Unsafe());
            Vector256<float> low = Vector256.ConvertToSingle(Vector256.WidenLower(words)) * scales;
            Vector256<float> high = Vector256.ConvertToSingle(Vector256.WidenUpper(words)) * scales;
            (hasOffset ? low + offsets : low).StoreUnsafe(ref target, i);
            (hasOffset ? high + offsets : high).StoreUnsafe(ref target, i + 8);
        }
    }
}
