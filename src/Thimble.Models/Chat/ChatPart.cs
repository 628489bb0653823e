namespace Thimble.Models.Chat;

/// <summary>A part of a message's content.</summary>
/// <param name="Kind">What it is, as templates name it: <c>text</c>, <c>image</c>, <c>video</c>, <c>audio</c>.</param>
/// <param name="Text">Its text; null for anything else.</param>
public sealed record ChatPart(string Kind, string? Text = null)
{
    /// <summary>The bytes of an image's file; empty for anything else.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>An image.</summary>
    /// <param name="file">All bytes of a PNG, JPEG or BMP file.</param>
    public static ChatPart Image(ReadOnlyMemory<byte> file) => new("image") { Data = file };
}
