namespace Thimble.Models.Vision;

/// <summary>A component's samples, and its lines stretched to the picture's width.</summary>
internal sealed class JpegPlane
{
    private readonly JpegComponent _part;
    private readonly JpegFrame _frame;
    private readonly int _across, _down, _stride;   // how many times wider and higher the picture is; 0 for no whole number
    private readonly byte[] _samples;
    private readonly int[] _mixed;

    /// <param name="part">The component.</param>
    /// <param name="steps">Its quantisation table.</param>
    /// <param name="frame">Its frame.</param>
    public JpegPlane(JpegComponent part, ushort[] steps, JpegFrame frame)
    {
        (_part, _frame, _stride) = (part, frame, 8 * part.Columns);
        (_across, _down) = (Times(frame.Across, part.Across), Times(frame.Down, part.Down));
        _samples = new byte[_stride * 8 * part.Lines];
        _mixed = new int[part.Width];
        for (int line = 0; line < part.Lines; line++)
        {
            for (int column = 0; column < part.Columns; column++)
                InverseCosine.Transform(part.Block(line, column), steps, _samples.AsSpan((line * 8 * _stride) + (8 * column)), _stride);
        }
    }

    /// <summary>One line of the picture.</summary>
    /// <param name="y">Which.</param>
    /// <param name="line">Receives its samples, shape [≥ width].</param>
    public void Line(int y, Span<byte> line)
    {
        if (_across == 1 && _down == 1)
            Row(y).CopyTo(line);
        else if (_down is 1 or 2 && (_across == 1 || (_across == 2 && _part.Width > 2)))
            Smooth(y, line);
        else
            Repeat(y, line);
    }

    private static int Times(int all, int own) => all % own == 0 ? all / own : 0;

    private ReadOnlySpan<byte> Row(int y) => _samples.AsSpan(Math.Clamp(y, 0, _part.Height - 1) * _stride, _part.Width);

    private void Repeat(int y, Span<byte> line)
    {
        ReadOnlySpan<byte> row = Row(y * _part.Down / _frame.Down);
        for (int x = 0; x < line.Length; x++)
            line[x] = row[x * _part.Across / _frame.Across];
    }

    /// <summary>Every sample with a third as much of its neighbour: of that above or below, then of that left or right.</summary>
    private void Smooth(int y, Span<byte> line)
    {
        ReadOnlySpan<byte> near = Row(_down == 2 ? y / 2 : y), far = Row(_down == 2 ? (y / 2) + (y % 2 == 0 ? -1 : 1) : y);
        int whole = _down == 2 ? 4 : 1;   // what a sample has been multiplied with
        for (int x = 0; x < _mixed.Length; x++)
            _mixed[x] = _down == 2 ? (3 * near[x]) + far[x] : near[x];
        if (_across == 1)
        {
            for (int x = 0; x < line.Length; x++)
                line[x] = (byte)((_mixed[x] + (y % 2 == 0 ? 1 : 2)) >> 2);
            return;
        }

        // Rounding leans one way and then the other, so that no line is brighter than it was.
        (int shift, int even, int odd) = _down == 2 ? (4, 8, 7) : (2, 1, 2);
        for (int x = 0; x < line.Length; x++)
        {
            int at = x / 2, other = x % 2 == 0 ? at - 1 : at + 1;
            bool edge = other < 0 || other == _mixed.Length;
            line[x] = (byte)(edge && whole == 1
                ? _mixed[at]
                : ((3 * _mixed[at]) + _mixed[edge ? at : other] + (x % 2 == 0 ? even : odd)) >> shift);
        }
    }
}
