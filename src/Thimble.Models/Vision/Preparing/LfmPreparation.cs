using System.Globalization;

namespace Thimble.Models.Vision;

/// <summary>A picture in its own proportions; one much larger than a tile also in tiles, line after line and each told by line and column, before that.</summary>
/// <remarks>Source: Liquid AI, "LFM2 Technical Report", 2025, section 5; the numbers are those of its image processor.</remarks>
/// <param name="Tile">Side of a tile.</param>
/// <param name="Whole">How the whole picture is brought to its size.</param>
internal sealed record LfmPreparation(int Tile, DynamicPreparation Whole) : Preparation
{
    private const int LeastTiles = 2, MostTiles = 10, Tolerance = 2;

    /// <inheritdoc />
    public override IReadOnlyList<ViewPart> Parts(Image image)
    {
        List<ViewPart> parts = [];
        if (image.Width > Tolerance * Tile || image.Height > Tolerance * Tile)
        {
            (int across, int down) = Grid(image.Width, image.Height);
            Image refined = image.Into(across * Tile, down * Tile, Resampling.Bilinear, default);
            for (int i = 0; i < across * down; i++)
            {
                parts.Add(new(string.Create(CultureInfo.InvariantCulture, $"<|img_row_{(i / across) + 1}_col_{(i % across) + 1}|>"), null));
                parts.Add(new(null, refined.Cut(i % across * Tile, i / across * Tile, Tile, Tile)));
            }

            parts.Add(new("<|img_thumbnail|>", null));
        }

        (int width, int height) = Whole.Size(image.Width, image.Height);
        parts.Add(new(null, image.To(width, height, Whole.By)));
        return parts;
    }

    /// <summary>The tiles whose proportions come nearest to a picture's; of two that come equally near the larger, if the picture fills half of it.</summary>
    public (int Across, int Down) Grid(int width, int height)
    {
        (int, int) best = (1, 1);
        float nearest = float.MaxValue;
        foreach ((int across, int down) in All())
        {
            float apart = Math.Abs(((float)width / height) - ((float)across / down));
            if (apart < nearest || (apart == nearest && (float)width * height > 0.5f * Tile * Tile * across * down))
                best = (across, down);
            nearest = Math.Min(nearest, apart);
        }

        return best;
    }

    private static IEnumerable<(int Across, int Down)> All() =>
        from across in Enumerable.Range(1, MostTiles)
        from down in Enumerable.Range(1, MostTiles)
        where across * down is >= LeastTiles and <= MostTiles
        orderby across * down, across
        select (across, down);
}
