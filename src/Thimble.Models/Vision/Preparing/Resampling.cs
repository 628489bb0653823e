namespace Thimble.Models.Vision;

/// <summary>How pictures are brought to another size.</summary>
internal enum Resampling
{
    /// <summary>By the four nearest pixels, corners on corners.</summary>
    Bilinear,

    /// <summary>By the sixteen nearest pixels.</summary>
    Bicubic,
}

/// <summary>Brings pictures to another size as llama.cpp does, so that a model sees the same pixels.</summary>
/// <remarks>Neither way takes pixels together where a picture shrinks. Source: llama.cpp, <c>mtmd-image.cpp</c>, for rules and rounding.</remarks>
internal static class Resizing
{
    /// <summary>Scales a picture, whatever that does to its proportions.</summary>
    public static Image To(this Image image, int width, int height, Resampling by) => (image.Width, image.Height) == (width, height)
        ? image
        : by == Resampling.Bilinear ? Bilinear(image, width, height) : Bicubic(image, width, height);

    /// <summary>Scales a picture as far as it fits, into the middle of a ground.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="width">Width of the ground.</param>
    /// <param name="height">Height of the ground.</param>
    /// <param name="by">How.</param>
    /// <param name="ground">Red, green and blue of the ground.</param>
    public static Image Into(this Image image, int width, int height, Resampling by, (byte Red, byte Green, byte Blue) ground)
    {
        if ((image.Width, image.Height) == (width, height))
            return image;

        float scale = Math.Min((float)width / image.Width, (float)height / image.Height);
        int wide = Math.Clamp((int)MathF.Ceiling(image.Width * scale), 1, width), high = Math.Clamp((int)MathF.Ceiling(image.Height * scale), 1, height);
        Image scaled = Scaled(image, wide, high, by);
        var whole = new Image(width, height);
        for (int i = 0; i < whole.Pixels.Length; i += 3)
            (whole.Pixels[i], whole.Pixels[i + 1], whole.Pixels[i + 2]) = ground;
        for (int y = 0; y < high; y++)
            scaled[y].CopyTo(whole[y + ((height - high) / 2)][(3 * ((width - wide) / 2))..]);
        return whole;
    }

    /// <summary>A part of a picture.</summary>
    public static Image Cut(this Image image, int x, int y, int width, int height)
    {
        var part = new Image(width, height);
        for (int line = 0; line < height; line++)
            image[y + line].Slice(3 * x, 3 * width).CopyTo(part[line]);
        return part;
    }

    // Padding scales even a picture that has its size already by the same formula: the formula keeps it.
    private static Image Scaled(Image image, int width, int height, Resampling by) =>
        by == Resampling.Bilinear ? Bilinear(image, width, height) : Bicubic(image, width, height);

    private static Image Bilinear(Image image, int width, int height)
    {
        var scaled = new Image(width, height);
        float stepX = width > 1 ? (float)(image.Width - 1) / (width - 1) : 0, stepY = height > 1 ? (float)(image.Height - 1) / (height - 1) : 0;
        for (int y = 0; y < height; y++)
        {
            float atY = y * stepY;
            int above = Math.Min((int)atY, image.Height - 1), below = Math.Min(above + 1, image.Height - 1);
            for (int x = 0; x < width; x++)
            {
                float atX = x * stepX;
                int left = Math.Min((int)atX, image.Width - 1), right = Math.Min(left + 1, image.Width - 1);
                for (int c = 0; c < 3; c++)
                {
                    float top = Between(image[above][(3 * left) + c], image[above][(3 * right) + c], atX - left);
                    float bottom = Between(image[below][(3 * left) + c], image[below][(3 * right) + c], atX - left);
                    scaled[y][(3 * x) + c] = (byte)Between(top, bottom, atY - above);
                }
            }
        }

        return scaled;
    }

    private static float Between(float from, float to, float share) => from + ((to - from) * share);

    private static Image Bicubic(Image image, int width, int height)
    {
        var scaled = new Image(width, height);
        float stepX = (float)image.Width / width, stepY = (float)image.Height / height;
        Span<float> columns = stackalloc float[4];
        for (int y = 0; y < height; y++)
        {
            int atY = (int)(stepY * y);
            for (int x = 0; x < width; x++)
            {
                int atX = (int)(stepX * x);
                for (int c = 0; c < 3; c++)
                {
                    for (int line = 0; line < 4; line++)
                    {
                        Span<byte> pixels = image[Math.Clamp(atY - 1 + line, 0, image.Height - 1)];
                        columns[line] = Cubic(
                            Value(pixels, atX - 1, c), Value(pixels, atX, c), Value(pixels, atX + 1, c), Value(pixels, atX + 2, c), (stepX * x) - atX);
                    }

                    float value = Cubic(columns[0], columns[1], columns[2], columns[3], (stepY * y) - atY);
                    scaled[y][(3 * x) + c] = (byte)Math.Clamp(MathF.Round(value, MidpointRounding.AwayFromZero), 0, 255);
                }
            }
        }

        return scaled;
    }

    private static float Value(Span<byte> pixels, int x, int c) => pixels[(3 * Math.Clamp(x, 0, (pixels.Length / 3) - 1)) + c];

    /// <summary>The cubic through four values, between the second and the third.</summary>
    private static float Cubic(float before, float at, float next, float last, float share)
    {
        float d0 = before - at, d2 = next - at, d3 = last - at;
        float a1 = (float)((-1.0 / 3 * d0) + d2 - (1.0 / 6 * d3)), a2 = (float)((1.0 / 2 * d0) + (1.0 / 2 * d2));
        float a3 = (float)((-1.0 / 6 * d0) - (1.0 / 2 * d2) + (1.0 / 6 * d3));
        return at + (a1 * share) + (a2 * share * share) + (a3 * share * share * share);
    }
}
