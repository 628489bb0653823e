using System.Buffers.Binary;

namespace Thimble.Models.Vision;

/// <summary>A JPEG's size and components, and the values of their blocks as far as scans have brought them.</summary>
internal sealed class JpegFrame
{
    /// <summary>The place in a block, line after line, of each value in the order of files: back and forth along the diagonals.</summary>
    public static readonly byte[] Order =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private JpegFrame(int width, int height, bool progressive, IReadOnlyList<JpegComponent> components)
    {
        (Width, Height, Progressive, Components) = (width, height, progressive, components);
        (Across, Down) = (components.Max(part => part.Across), components.Max(part => part.Down));
        (UnitsAcross, UnitsDown) = (Units(width, 8 * Across), Units(height, 8 * Down));
        foreach (JpegComponent part in components)
        {
            part.Width = Units(width * part.Across, Across);
            part.Height = Units(height * part.Down, Down);
            part.Columns = UnitsAcross * part.Across;
            part.Lines = UnitsDown * part.Down;
        }
    }

    /// <summary>Pixels of a line.</summary>
    public int Width { get; }

    /// <summary>Lines.</summary>
    public int Height { get; }

    /// <summary>Whether values come in several scans, roughly first.</summary>
    public bool Progressive { get; }

    /// <summary>The components.</summary>
    public IReadOnlyList<JpegComponent> Components { get; }

    /// <summary>The most blocks of a component that stand side by side in a unit.</summary>
    public int Across { get; }

    /// <summary>The most blocks of a component that stand one above the other in a unit.</summary>
    public int Down { get; }

    /// <summary>Units of interleaved blocks in a line of them.</summary>
    public int UnitsAcross { get; }

    /// <summary>Lines of units.</summary>
    public int UnitsDown { get; }

    /// <summary>The values that scans have visited so far.</summary>
    public long Visited { get; set; }

    /// <summary>Blocks of all components.</summary>
    public long Blocks => Components.Sum(part => (long)part.Columns * part.Lines);

    /// <summary>Reads a frame's header.</summary>
    public static JpegFrame Read(ReadOnlySpan<byte> body, bool progressive)
    {
        int count = body.Length < 6 ? 0 : body[5];
        if (body.Length != 6 + (3 * count) || count is not (1 or 3 or 4))
            throw new InvalidDataException($"The JPEG image's frame has {count} components in {body.Length} bytes; expected 1, 3 or 4, of three bytes each behind six.");
        if (body[0] != 8)
            throw new NotSupportedException($"The JPEG image has samples of {body[0]} bits; known are 8.");

        (int height, int width) = (BinaryPrimitives.ReadUInt16BigEndian(body[1..]), BinaryPrimitives.ReadUInt16BigEndian(body[3..]));
        if (height == 0)
            throw new NotSupportedException("The JPEG image tells its height only behind its first scan; known are images that tell it before.");
        Image.RequireSize("JPEG", width, height);
        var components = new List<JpegComponent>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> part = body[(6 + (3 * i))..];
            (byte id, int across, int down) = (part[0], part[1] >> 4, part[1] & 15);
            if (across is < 1 or > 4 || down is < 1 or > 4 || part[2] > 3 || components.Any(other => other.Id == id))
                throw new InvalidDataException($"Component {id} of the JPEG image has factors {across}×{down} and table {part[2]}, or stands twice; expected 1 to 4, 0 to 3, and once.");
            components.Add(new(id, across, down, part[2]));
        }

        if (count == 1)
            components[0] = new(components[0].Id, 1, 1, components[0].Table);   // one component is never interleaved
        return new(width, height, progressive, components);
    }

    /// <summary>The component of an id.</summary>
    public JpegComponent Component(byte id) => Components.FirstOrDefault(part => part.Id == id)
        ?? throw new InvalidDataException($"A scan of the JPEG image names component {id}; the frame has {string.Join(", ", Components.Select(part => part.Id))}.");

    private static int Units(int size, int unit) => (size + unit - 1) / unit;
}

/// <summary>One of a JPEG's components.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Across">Its blocks side by side in a unit.</param>
/// <param name="Down">Its blocks one above the other in a unit.</param>
/// <param name="Table">Its quantisation table.</param>
internal sealed record JpegComponent(byte Id, int Across, int Down, int Table)
{
    private short[]? _values;

    /// <summary>Samples of a line.</summary>
    public int Width { get; set; }

    /// <summary>Lines of samples.</summary>
    public int Height { get; set; }

    /// <summary>Blocks in a line of them, those that only fill units included.</summary>
    public int Columns { get; set; }

    /// <summary>Lines of blocks, those that only fill units included.</summary>
    public int Lines { get; set; }

    /// <summary>Whether a scan has brought values.</summary>
    public bool Seen => _values is not null;

    /// <summary>A block's values, line after line, shape [64].</summary>
    public Span<short> Block(int line, int column) =>
        (_values ??= new short[64 * Columns * Lines]).AsSpan(64 * ((line * Columns) + column), 64);
}
