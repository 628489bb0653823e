using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixteen groups of sixteen pairs of bits: <c>w = Scale · code · pair − Floor · floor</c>. 2.625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q2_K</c>. A byte of codes holds a group's scale below its floor, four bits each. Byte i of each half
/// of the pairs holds weights i, i + 32, i + 64 and i + 96 of that half, the first lowest.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q2_K : ISuperBlock<Q2_K>
{
    internal Bytes16 Codes;
    internal Bytes64 Pairs;
    internal Half Scale;
    internal Half Floor;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<Q2_K>(ggufType: 10);

    public static string Name => "Q2_K";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => true;

    public static (Half Scale, Half Floor) Tops(ref readonly Q2_K block) => (block.Scale, block.Floor);

    public static void Unpack(ref readonly Q2_K block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int i = 0; i < 64; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Pairs, i);
            int at = (i / 32 * 128) + (i % 32);
            for (int pair = 0; pair < 4; pair++)
                Bits.Store(Bits.Pairs(bytes, 2 * pair), quants, at + (32 * pair));
        }

        Vector128<byte> codes = Bits.Load(block.Codes, 0);
        SuperScales.Multiply(Bits.LowNibbles(codes).AsSByte(), HalfFloat.Widen(block.Scale), scales);
        SuperScales.Multiply(Bits.HighNibbles(codes).AsSByte(), -HalfFloat.Widen(block.Floor), offsets);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q2_K block)
    {
        Span<float> ones = stackalloc float[256];
        Span<byte> codes = stackalloc byte[16], floors = stackalloc byte[16];
        Span<sbyte> quants = stackalloc sbyte[256];
        block = default;
        (block.Scale, block.Floor) = SuperAffineSearch.Fit(values, Importance.OrOnes(importance, ones), 16, 3, 15, codes, floors, quants);
        Bits.Join(Bits.Load(codes, 0), Bits.Load(floors, 0)).CopyTo(block.Codes);
        for (int i = 0; i < 64; i += 16)
        {
            int at = (i / 32 * 128) + (i % 32);
            Bits.Join(
                Bits.LoadRaised(quants, at, 0), Bits.LoadRaised(quants, at + 32, 0),
                Bits.LoadRaised(quants, at + 64, 0), Bits.LoadRaised(quants, at + 96, 0)).CopyTo(block.Pairs[i..]);
        }
    }
}
