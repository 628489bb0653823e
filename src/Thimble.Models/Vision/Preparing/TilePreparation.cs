using System.Globalization;

namespace Thimble.Models.Vision;

/// <summary>A view of the whole picture and, where it is larger than that, views of its parts: LLaVA-NeXT's way.</summary>
/// <remarks>The whole comes first, as models were trained; llama.cpp puts it last. As there, nothing tells lines of parts apart.
/// Source: Liu et al., "LLaVA-NeXT", 2024 (AnyRes).</remarks>
/// <param name="Size">Side of a view.</param>
/// <param name="Grids">The sizes that a picture may be brought to before it is cut.</param>
/// <param name="Ground">What lies around the picture where it is cut.</param>
internal sealed record TilePreparation(int Size, IReadOnlyList<(int Width, int Height)> Grids, (byte Red, byte Green, byte Blue) Ground) : Preparation
{
    /// <summary>Whether the view of the whole stands behind those of the parts, as InternVL has it.</summary>
    public bool WholeLast { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<ViewPart> Parts(Image image)
    {
        List<ViewPart> parts = [new(null, image.To(Size, Size, Resampling.Bilinear))];
        if (image.Width <= Size && image.Height <= Size)
            return parts;

        (int width, int height) = Best(image.Width, image.Height);
        Image refined = image.Into(width, height, Resampling.Bicubic, Ground);
        for (int y = 0; y < height; y += Size)
        {
            for (int x = 0; x < width; x += Size)
                parts.Add(new(null, refined.Cut(x, y, Size, Size)));
        }

        return WholeLast ? [.. parts.Skip(1), parts[0]] : parts;
    }

    /// <summary>The grid that keeps most of the picture's pixels and, of those, wastes least.</summary>
    public (int Width, int Height) Best(int width, int height)
    {
        (int Width, int Height) best = Grids[0];
        (long most, long least) = (0, long.MaxValue);
        foreach ((int Width, int Height) grid in Grids)
        {
            float scale = Math.Min((float)grid.Width / width, (float)grid.Height / height);
            long kept = Math.Min((long)(int)(width * scale) * (int)(height * scale), (long)width * height);
            long wasted = ((long)grid.Width * grid.Height) - kept;
            if (kept > most || (kept == most && wasted < least))
                (best, most, least) = (grid, kept, wasted);
        }

        return best;
    }
}

/// <summary>Views of all squares of a picture, line after line, each told by line and column, then one of the whole: Idefics 3's way.</summary>
/// <remarks>Source: Laurençon et al., "Building and better understanding vision-language models", 2024, section 3; Marafioti et al., "SmolVLM", 2025.</remarks>
/// <param name="Size">Side of a view.</param>
/// <param name="Longest">What the picture's longer side is brought to before it is cut.</param>
internal sealed record SplitPreparation(int Size, int Longest) : Preparation
{
    private const string Around = "<fake_token_around_image>";

    /// <inheritdoc />
    public override IReadOnlyList<ViewPart> Parts(Image image)
    {
        List<ViewPart> parts = [];
        (int width, int height) = Refined(image.Width, image.Height);
        Image refined = image.Into(width, height, Resampling.Bicubic, default);
        for (int y = 0; y < height; y += Size)
        {
            for (int x = 0; x < width; x += Size)
            {
                parts.Add(new(string.Create(CultureInfo.InvariantCulture, $"{Around}<row_{(y / Size) + 1}_col_{(x / Size) + 1}>"), null));
                parts.Add(new(null, refined.Cut(x, y, Size, Size)));
            }

            if (y + Size < height)
                parts.Add(new("\n", null));
        }

        foreach (string before in (string[])["\n\n", Around, "<global-img>"])
            parts.Add(new(before, null));
        parts.Add(new(null, image.To(Size, Size, Resampling.Bilinear)));
        parts.Add(new(Around, null));
        return parts;
    }

    /// <summary>The size from which squares are cut.</summary>
    public (int Width, int Height) Refined(int width, int height)
    {
        float scale = Math.Min((float)Longest / width, (float)Longest / height);
        return (Up(width * scale), Up(height * scale));
    }

    private int Up(float side) => (int)MathF.Ceiling(side / Size) * Size;
}
