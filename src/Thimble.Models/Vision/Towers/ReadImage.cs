using Thimble.Models.Blocks;
using Thimble.Models.Tokens;

namespace Thimble.Models.Vision;

/// <summary>A part of what stands for a picture in a text: text of its own, or vectors.</summary>
/// <param name="Text">Text, special tokens in it; null for vectors.</param>
/// <param name="Rows">Vectors; null for text.</param>
internal readonly record struct ReadPart(string? Text, GivenRows? Rows);

/// <summary>A picture as it stands in a text.</summary>
/// <param name="Parts">Its texts and vectors, in order.</param>
internal sealed record ReadImage(IReadOnlyList<ReadPart> Parts)
{
    /// <summary>A picture read by a tower.</summary>
    /// <param name="tower">The tower.</param>
    /// <param name="image">The picture.</param>
    /// <param name="read">Reads a view: <see cref="VisionTower.Read"/> in a run.</param>
    public static ReadImage By(VisionTower tower, Image image, Func<Image, GivenRows> read)
    {
        List<ReadPart> parts = tower.Begin.Length > 0 ? [new(tower.Begin, null)] : [];
        foreach (ViewPart part in tower.Preparation.Parts(image))
            parts.Add(part.View is { } view ? new(null, read(view)) : new(part.Text, null));
        if (tower.End.Length > 0)
            parts.Add(new(tower.End, null));
        return new(parts);
    }

    /// <summary>Puts it behind a text.</summary>
    /// <param name="tokenizer">Of the text model.</param>
    /// <param name="ids">The text so far; receives the picture's ids.</param>
    /// <param name="inserts">Receives its vectors.</param>
    public void AppendTo(Tokenizer tokenizer, List<int> ids, Inserts inserts)
    {
        foreach (ReadPart part in Parts)
        {
            if (part.Rows is { } rows)
            {
                inserts.Add(ids.Count, rows);
                ids.AddRange(rows.Ids);
            }
            else
            {
                ids.AddRange(tokenizer.Encode(part.Text!, addSpecial: false, parseSpecial: true));
            }
        }
    }
}
