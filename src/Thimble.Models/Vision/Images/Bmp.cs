using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Vision;

/// <summary>Reads BMP files of 1 to 32 bits, by palette, masks or run lengths; what lets through lies over white.</summary>
/// <remarks>Source: Microsoft, "Bitmap Storage" and "BITMAPV5HEADER", Windows GDI documentation.</remarks>
internal static class Bmp
{
    private const int FileHeader = 14, OldHeader = 12, RunEight = 1, RunFour = 2, Masks = 3, AlphaMasks = 6;

    [ModuleInitializer]
    internal static void Register() => ImageFiles.Add("BMP", "BM"u8.ToArray(), Read);

    private static Image Read(ReadOnlySpan<byte> file)
    {
        int size = Int(file, FileHeader), data = Int(file, 10);
        bool old = size == OldHeader;
        if (!old && size is < 40 or > 124)
            throw new NotSupportedException($"The BMP image's header has {size} bytes; known are 12 and 40 to 124.");

        (long width, long height) = old ? (Short(file, 18), Short(file, 20)) : (Int(file, 18), Int(file, 22));
        bool down = height < 0;
        Image.RequireSize("BMP", width, Math.Abs(height));
        int bits = Short(file, old ? 24 : 28), packing = old ? 0 : Int(file, 30);
        var image = new Image((int)width, (int)Math.Abs(height));
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32))
            throw new InvalidDataException($"The BMP image has {bits} bits a pixel; expected 1, 4, 8, 16, 24 or 32.");
        if (data < FileHeader || data > file.Length)
            throw new InvalidDataException($"The BMP image's pixels begin at byte {data} of {file.Length}; it has been cut short.");

        ReadOnlySpan<byte> pixels = file[data..];
        switch (packing, bits)
        {
            case (0, <= 8):
                Places(pixels, bits, Palette(file, size, old, bits), image, down);
                break;
            case (RunEight, 8) or (RunFour, 4):
                Runs(pixels, bits, Palette(file, size, old, bits), image, down);
                break;
            case (0, 24):
                Masked(pixels, 24, [0xFF0000, 0xFF00, 0xFF, 0], image, down);
                break;
            case (0, _):
                Masked(pixels, bits, bits == 16 ? [0x7C00, 0x3E0, 0x1F, 0] : [0xFF0000, 0xFF00, 0xFF, 0], image, down);
                break;
            case (Masks or AlphaMasks, 16 or 32):
                uint alpha = packing == AlphaMasks || size >= 56 ? (uint)Int(file, 66) : 0;
                Masked(pixels, bits, [(uint)Int(file, 54), (uint)Int(file, 58), (uint)Int(file, 62), alpha], image, down);
                break;
            default:
                throw new NotSupportedException($"The BMP image has packing {packing} at {bits} bits; known are plain pixels, masks at 16 and 32, and run lengths at 4 and 8.");
        }

        return image;
    }

    private static byte[] Palette(ReadOnlySpan<byte> file, int size, bool old, int bits)
    {
        int each = old ? 3 : 4, said = old ? 0 : Int(file, 46), colours = said is > 0 and <= 256 ? Math.Min(said, 1 << bits) : 1 << bits;
        byte[] palette = new byte[3 * (1 << bits)];
        for (int i = 0; i < colours; i++)
        {
            ReadOnlySpan<byte> colour = Part(file, FileHeader + size + (each * i), 3);
            (palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]) = (colour[2], colour[1], colour[0]);
        }

        return palette;
    }

    private static ReadOnlySpan<byte> Row(ReadOnlySpan<byte> pixels, int bits, Image image, int line, bool down, out Span<byte> target)
    {
        int length = checked((int)((((long)image.Width * bits) + 7) / 8)), stride = checked((length + 3) / 4 * 4);
        target = image[down ? line : image.Height - 1 - line];
        return Part(pixels, (long)line * stride, length);
    }

    private static void Places(ReadOnlySpan<byte> pixels, int bits, byte[] palette, Image image, bool down)
    {
        for (int line = 0; line < image.Height; line++)
        {
            ReadOnlySpan<byte> row = Row(pixels, bits, image, line, down, out Span<byte> target);
            for (int x = 0; x < image.Width; x++)
            {
                int place = (row[x * bits / 8] >> (8 - bits - (x * bits % 8))) & ((1 << bits) - 1);
                palette.AsSpan(3 * place, 3).CopyTo(target[(3 * x)..]);
            }
        }
    }

    private static void Masked(ReadOnlySpan<byte> pixels, int bits, ReadOnlySpan<uint> masks, Image image, bool down)
    {
        for (int line = 0; line < image.Height; line++)
        {
            ReadOnlySpan<byte> row = Row(pixels, bits, image, line, down, out Span<byte> target);
            for (int x = 0; x < image.Width; x++)
            {
                uint value = 0;
                for (int i = 0; i < bits / 8; i++)
                    value |= (uint)row[(x * bits / 8) + i] << (8 * i);
                int alpha = masks[3] == 0 ? 255 : Under(value, masks[3]);
                for (int i = 0; i < 3; i++)
                    target[(3 * x) + i] = Image.OverWhite(Under(value, masks[i]), alpha);
            }
        }
    }

    private static int Under(uint value, uint mask)
    {
        if (mask == 0)
            return 0;
        uint most = mask >> BitOperations.TrailingZeroCount(mask);
        return (int)((ulong)((value & mask) >> BitOperations.TrailingZeroCount(mask)) * 255 / most);
    }

    /// <summary>Unpacks runs: a count and a value; or 0 and an order: 0 ends a line, 1 the image, 2 moves on, others say how many values follow.</summary>
    private static void Runs(ReadOnlySpan<byte> pixels, int bits, byte[] palette, Image image, bool down)
    {
        int at = 0, x = 0, line = 0;
        for (; line < image.Height;)
        {
            (int count, int value) = (Part(pixels, at, 2)[0], pixels[at + 1]);
            at += 2;
            if (count > 0)
            {
                for (int i = 0; i < count; i++)
                    Put(bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15);
            }
            else if (value == 0)
            {
                (x, line) = (0, line + 1);
            }
            else if (value == 1)
            {
                return;
            }
            else if (value == 2)
            {
                (x, line) = (x + Part(pixels, at, 2)[0], line + pixels[at + 1]);
                at += 2;
            }
            else
            {
                ReadOnlySpan<byte> values = Part(pixels, at, ((value * bits) + 7) / 8);
                for (int i = 0; i < value; i++)
                    Put(bits == 8 ? values[i] : i % 2 == 0 ? values[i / 2] >> 4 : values[i / 2] & 15);
                at += (values.Length + 1) / 2 * 2;
            }
        }

        void Put(int place)
        {
            if (x < image.Width)
                palette.AsSpan(3 * place, 3).CopyTo(image[down ? line : image.Height - 1 - line][(3 * x)..]);
            x++;
        }
    }

    private static int Int(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadInt32LittleEndian(Part(file, at, 4));

    private static int Short(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(Part(file, at, 2));

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, long start, int length) => start <= bytes.Length - length
        ? bytes.Slice((int)start, length)
        : throw new InvalidDataException($"The BMP image ends before byte {start + length} of its header or pixels; it has been cut short.");
}
