namespace Thimble.Models.Tokens;

/// <summary>Cuts a text into parts that tokens never cross.</summary>
internal abstract class Splitter
{
    /// <summary>Where the part that begins at a place ends.</summary>
    /// <param name="text">Valid UTF-8; its end counts as the end of the text.</param>
    /// <param name="at">Where the part begins, before the end.</param>
    /// <returns>Its end, behind <paramref name="at"/>.</returns>
    public abstract int Next(ReadOnlySpan<byte> text, int at);
}
