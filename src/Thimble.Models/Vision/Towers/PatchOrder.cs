using Thimble.Compute.Kernels;

namespace Thimble.Models.Vision;

/// <summary>The order in which a tower reads patches: line after line; or squares of them together, and those by windows.</summary>
/// <param name="Merge">Side of the squares; 1 for none.</param>
/// <param name="Window">Side of the windows in squares; 0 for none.</param>
internal sealed record PatchOrder(int Merge = 1, int Window = 0)
{
    /// <summary>Where in the picture each row's patch lies.</summary>
    /// <param name="lines">Lines of patches, a multiple of <see cref="Merge"/>.</param>
    /// <param name="columns">Patches of a line, likewise.</param>
    public (int Height, int Width)[] Places(int lines, int columns)
    {
        (int Row, int Column)[] squares = Squares(lines / Merge, columns / Merge);
        var places = new (int, int)[lines * columns];
        for (int i = 0; i < places.Length; i++)
        {
            ((int row, int column), int inside) = (squares[i / (Merge * Merge)], i % (Merge * Merge));
            places[i] = ((row * Merge) + (inside / Merge), (column * Merge) + (inside % Merge));
        }

        return places;
    }

    /// <summary>The rows of each window; null where there are none.</summary>
    public KeySpan[]? Windows(int lines, int columns)
    {
        if (Window == 0)
            return null;
        List<KeySpan> spans = [];
        int first = 0;
        for (int y = 0; y < lines / Merge; y += Window)
        {
            for (int x = 0; x < columns / Merge; x += Window)
            {
                int squares = Math.Min(Window, (lines / Merge) - y) * Math.Min(Window, (columns / Merge) - x), end = first + (squares * Merge * Merge);
                spans.Add(new(first, end));
                first = end;
            }
        }

        return [.. spans];
    }

    /// <summary>Of each square in the order of lines, the number of its row among squares.</summary>
    public int[] Back(int lines, int columns)
    {
        int across = columns / Merge;
        int[] back = new int[lines / Merge * across];
        (int Row, int Column)[] squares = Squares(lines / Merge, across);
        for (int i = 0; i < squares.Length; i++)
            back[(squares[i].Row * across) + squares[i].Column] = i;
        return back;
    }

    private (int Row, int Column)[] Squares(int lines, int columns)
    {
        int side = Window == 0 ? Math.Max(lines, columns) : Window;
        List<(int, int)> squares = [];
        for (int y = 0; y < lines; y += side)
        {
            for (int x = 0; x < columns; x += side)
            {
                for (int i = 0; i < Math.Min(side, lines - y) * Math.Min(side, columns - x); i++)
                    squares.Add((y + (i / Math.Min(side, columns - x)), x + (i % Math.Min(side, columns - x))));
            }
        }

        return [.. squares];
    }
}
