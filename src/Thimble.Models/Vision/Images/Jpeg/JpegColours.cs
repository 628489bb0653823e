namespace Thimble.Models.Vision;

/// <summary>What the components of a JPEG are.</summary>
internal enum JpegColourKind
{
    /// <summary>Light alone.</summary>
    Grey,

    /// <summary>Red, green and blue.</summary>
    RedGreenBlue,

    /// <summary>Light and two differences of colour.</summary>
    Luma,

    /// <summary>Cyan, magenta, yellow and black.</summary>
    Inks,

    /// <summary>The same, as much as is left out of each.</summary>
    InvertedInks,

    /// <summary>The same, the first three as light and differences.</summary>
    LumaInks,
}

/// <summary>From the blocks of a JPEG's components to a picture: samples, stretched to one size, to colours.</summary>
/// <remarks>Components of half the width or height are stretched with weights 3 and 1 of the two nearest samples, as the Independent
/// JPEG Group does; others by repeating. Source: ITU-T T.871, section 7, for the colours.</remarks>
/// <param name="frame">The frame.</param>
/// <param name="kind">What its components are.</param>
internal sealed class JpegColours(JpegFrame frame, JpegColourKind kind)
{
    private const int Point = 16;

    /// <summary>Makes the picture.</summary>
    /// <param name="steps">The quantisation tables.</param>
    public Image Compose(ushort[][] steps)
    {
        JpegPlane[] planes = [.. frame.Components.Select(part => new JpegPlane(part, steps[part.Table] ?? throw Missing(part), frame))];
        var image = new Image(frame.Width, frame.Height);
        byte[][] lines = [.. planes.Select(_ => new byte[frame.Width])];
        for (int y = 0; y < image.Height; y++)
        {
            for (int i = 0; i < planes.Length; i++)
                planes[i].Line(y, lines[i]);
            Line(lines, image[y]);
        }

        return image;
    }

    private static InvalidDataException Missing(JpegComponent part) =>
        new($"The JPEG image lacks quantisation table {part.Table} of component {part.Id}.");

    private void Line(byte[][] parts, Span<byte> line)
    {
        for (int x = 0; x < line.Length / 3; x++)
        {
            Span<byte> colour = line.Slice(3 * x, 3);
            if (kind == JpegColourKind.Grey)
                colour.Fill(parts[0][x]);
            else if (kind is JpegColourKind.Luma or JpegColourKind.LumaInks)
                FromLuma(parts[0][x], parts[1][x] - 128, parts[2][x] - 128, colour);
            else
                (colour[0], colour[1], colour[2]) = (parts[0][x], parts[1][x], parts[2][x]);
            if (parts.Length == 4)
                Print(colour, parts[3][x]);
        }
    }

    /// <summary>Takes inks for what they leave of white.</summary>
    private void Print(Span<byte> colour, int black)
    {
        bool inverted = kind is not JpegColourKind.Inks;
        int light = inverted ? black : 255 - black;
        foreach (ref byte value in colour)
            value = (byte)((((inverted ? value : 255 - value) * light) + 127) / 255);
    }

    private static void FromLuma(int light, int blue, int red, Span<byte> colour)
    {
        const int half = 1 << (Point - 1);
        colour[0] = (byte)Math.Clamp(light + (((Fixed(1.40200) * red) + half) >> Point), 0, 255);
        colour[1] = (byte)Math.Clamp(light + (((-Fixed(0.34414) * blue) - (Fixed(0.71414) * red) + half) >> Point), 0, 255);
        colour[2] = (byte)Math.Clamp(light + (((Fixed(1.77200) * blue) + half) >> Point), 0, 255);
    }

    private static int Fixed(double value) => (int)((value * (1 << Point)) + 0.5);
}
