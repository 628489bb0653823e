using System.IO.Compression;

namespace Thimble.Models.Vision;

/// <summary>Unpacks a PNG's lines, pass by pass, and takes their filters off.</summary>
/// <param name="header">What the file says about its pixels.</param>
/// <param name="colours">Turns samples into colours.</param>
internal sealed class PngRows(PngHeader header, PngColours colours)
{
    private const int MostUnpacked = 1032;   // bytes that a packed one can stand for: Deflate's longest match in two bits

    // Adam7: the first column and line of a pass, and the steps between.
    private static readonly (int X, int Y, int StepX, int StepY)[] s_passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly int _pixelBits = header.Samples * header.Depth;

    /// <summary>Reads all pixels.</summary>
    /// <param name="packed">The image data.</param>
    /// <exception cref="InvalidDataException">They are too few, or damaged.</exception>
    public Image Read(MemoryStream packed)
    {
        (int, int, int, int)[] passes = header.Interlaced ? s_passes : [(0, 0, 1, 1)];
        long expected = passes.Sum(pass => Shape(pass) is { Columns: > 0 } shape ? (long)shape.Lines * (RowBytes(shape.Columns) + 1) : 0);
        if (expected > (packed.Length + 1) * MostUnpacked)
            throw new InvalidDataException($"The PNG image of {header.Width}×{header.Height} pixels has {packed.Length} bytes of them; it has been cut short.");

        var image = new Image(header.Width, header.Height);
        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress, leaveOpen: true);
        foreach ((int, int, int, int) pass in passes)
            Pass(unpacked, image, pass);
        return image;
    }

    private (int Columns, int Lines) Shape((int X, int Y, int StepX, int StepY) pass) => (
        (header.Width - pass.X + pass.StepX - 1) / pass.StepX, (header.Height - pass.Y + pass.StepY - 1) / pass.StepY);

    private int RowBytes(int columns) => checked((int)((((long)columns * _pixelBits) + 7) / 8));

    private void Pass(ZLibStream unpacked, Image image, (int X, int Y, int StepX, int StepY) pass)
    {
        (int columns, int lines) = Shape(pass);
        if (columns <= 0 || lines <= 0)
            return;

        int length = RowBytes(columns), reach = Math.Max(1, _pixelBits / 8);
        byte[] row = new byte[length + 1], before = new byte[length + 1];
        for (int line = 0; line < lines; line++)
        {
            if (unpacked.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                throw new InvalidDataException($"The PNG image's pixels end in line {line} of {lines}; it has been cut short.");
            Unfilter(row[0], row.AsSpan(1), before.AsSpan(1), reach);
            colours.Write(row.AsSpan(1), columns, image[pass.Y + (line * pass.StepY)][(3 * pass.X)..], 3 * pass.StepX);
            (row, before) = (before, row);
        }
    }

    private static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int reach)
    {
        if (filter > 4)
            throw new InvalidDataException($"A line of the PNG image has filter {filter}; expected 0 to 4.");
        for (int i = 0; i < row.Length && filter != 0; i++)
        {
            int left = i >= reach ? row[i - reach] : 0;
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                _ => Nearest(left, above[i], i >= reach ? above[i - reach] : 0),
            });
        }
    }

    /// <summary>Paeth's guess: of three neighbours the one nearest to left + above − corner.</summary>
    private static int Nearest(int left, int above, int corner)
    {
        int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
