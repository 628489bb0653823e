namespace Thimble.Models.Vision;

/// <summary>A picture: red, green and blue of every pixel, line after line from the top.</summary>
/// <param name="width">Pixels of a line, at least 1.</param>
/// <param name="height">Lines, at least 1.</param>
/// <param name="pixels">Shape [height, width, 3].</param>
internal sealed class Image(int width, int height, byte[] pixels)
{
    /// <summary>The most pixels that are read: 201 MB of them.</summary>
    public const int MostPixels = 1 << 26;

    /// <summary>A black picture.</summary>
    public Image(int width, int height)
        : this(width, height, new byte[Bytes(width, height)])
    {
    }

    /// <summary>Pixels of a line.</summary>
    public int Width { get; } = width;

    /// <summary>Lines.</summary>
    public int Height { get; } = height;

    /// <summary>All pixels, shape [<see cref="Height"/>, <see cref="Width"/>, 3].</summary>
    public byte[] Pixels { get; } = pixels;

    /// <summary>One line, shape [<see cref="Width"/>, 3].</summary>
    public Span<byte> this[int line] => Pixels.AsSpan(line * Width * 3, Width * 3);

    /// <summary>Reads a file of any kind that this build knows.</summary>
    /// <param name="file">All its bytes.</param>
    /// <exception cref="InvalidDataException">It is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">It is of another kind; the message lists those that are known.</exception>
    /// <exception cref="CapacityException">It has more than <see cref="MostPixels"/> pixels.</exception>
    public static Image Decode(ReadOnlySpan<byte> file) => ImageFiles.Decode(file);

    /// <summary>Refuses sizes that no picture has, before memory is taken for one.</summary>
    /// <param name="kind">What the file is.</param>
    /// <param name="width">Pixels of a line, as it says.</param>
    /// <param name="height">Lines, as it says.</param>
    public static void RequireSize(string kind, long width, long height)
    {
        if (width < 1 || height < 1 || width > int.MaxValue || height > int.MaxValue)
            throw new InvalidDataException($"The {kind} image says that it is {width}×{height} pixels; expected at least 1×1.");
        if (width * height > MostPixels)
        {
            throw new CapacityException(
                $"The {kind} image has {width}×{height} pixels; at most {MostPixels} are read. Make it smaller.", width * height, MostPixels);
        }
    }

    /// <summary>The picture turned and mirrored.</summary>
    /// <param name="orientation">As EXIF counts: 1 as it is, 2 mirrored, 3 upside down, 4 both, 5 to 8 likewise with lines for columns.</param>
    public Image Oriented(int orientation)
    {
        if (orientation is < 2 or > 8)
            return this;

        bool swaps = orientation > 4;
        var turned = swaps ? new Image(Height, Width) : new Image(Width, Height);
        for (int y = 0; y < turned.Height; y++)
        {
            Span<byte> line = turned[y];
            for (int x = 0; x < turned.Width; x++)
            {
                (int fromX, int fromY) = orientation switch
                {
                    2 => (Width - 1 - x, y),
                    3 => (Width - 1 - x, Height - 1 - y),
                    4 => (x, Height - 1 - y),
                    5 => (y, x),
                    6 => (y, Height - 1 - x),
                    7 => (Width - 1 - y, Height - 1 - x),
                    _ => (Width - 1 - y, x),
                };
                Pixels.AsSpan(((fromY * Width) + fromX) * 3, 3).CopyTo(line[(x * 3)..]);
            }
        }

        return turned;
    }

    /// <summary>A value over white, as much of it as is not let through.</summary>
    public static byte OverWhite(int value, int alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);

    private static int Bytes(int width, int height)
    {
        RequireSize("new", width, height);
        return 3 * width * height;
    }
}
