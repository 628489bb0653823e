namespace Thimble.Models.Vision;

/// <summary>A part of what stands for a picture in a text: text of its own, or a view that the tower reads.</summary>
/// <param name="Text">Text, special tokens in it; null for a view.</param>
/// <param name="View">Pixels as the tower takes them; null for text.</param>
internal readonly record struct ViewPart(string? Text, Image? View);

/// <summary>From a picture of any size to the views that a tower takes, and the texts around them.</summary>
internal abstract record Preparation
{
    /// <summary>The views and texts of a picture, in order.</summary>
    public abstract IReadOnlyList<ViewPart> Parts(Image image);
}

/// <summary>One square view, the picture in its middle.</summary>
/// <param name="Size">Its side.</param>
/// <param name="By">How it is scaled.</param>
/// <param name="Ground">What lies around the picture.</param>
internal sealed record SquarePreparation(int Size, Resampling By, (byte Red, byte Green, byte Blue) Ground) : Preparation
{
    /// <inheritdoc />
    public override IReadOnlyList<ViewPart> Parts(Image image) => [new(null, image.Into(Size, Size, By, Ground))];
}

/// <summary>One view of nearly the picture's own size and proportions.</summary>
/// <remarks>Source: Wang et al., "Qwen2-VL", 2024, section 2.1 (naive dynamic resolution).</remarks>
/// <param name="Unit">Each side is a multiple of it.</param>
/// <param name="Least">The fewest pixels.</param>
/// <param name="Most">The most pixels.</param>
/// <param name="By">How it is scaled.</param>
internal sealed record DynamicPreparation(int Unit, int Least, int Most, Resampling By) : Preparation
{
    /// <inheritdoc />
    public override IReadOnlyList<ViewPart> Parts(Image image)
    {
        (int width, int height) = Size(image.Width, image.Height);
        return [new(null, image.Into(width, height, By, default))];
    }

    /// <summary>The view's size.</summary>
    public (int Width, int Height) Size(int width, int height)
    {
        (int wide, int high) = (Near(width), Near(height));
        float pixels = (float)((long)width * height);
        if ((long)wide * high > Most)
        {
            float shrink = MathF.Sqrt(pixels / Most);
            return (Math.Max(Unit, Down(width / shrink)), Math.Max(Unit, Down(height / shrink)));
        }

        float growth = MathF.Sqrt(Least / pixels);
        return (long)wide * high < Least ? (Up(width * growth), Up(height * growth)) : (wide, high);
    }

    private int Near(float side) => Math.Max(Unit, (int)MathF.Round(side / Unit, MidpointRounding.AwayFromZero) * Unit);

    private int Up(float side) => (int)MathF.Ceiling(side / Unit) * Unit;

    private int Down(float side) => (int)MathF.Floor(side / Unit) * Unit;
}
