using System.Collections.Immutable;

namespace Thimble.Models.Vision;

/// <summary>Reads a picture from all bytes of its file.</summary>
internal delegate Image ImageReader(ReadOnlySpan<byte> file);

/// <summary>The kinds of image files this build reads, each added by its own file.</summary>
/// <remarks>They are decoded by own code because no package that does it can be restored where Thimble is built (design notes,
/// ecosystem), and native code is what Thimble does without. Work and memory are bounded by what a file's length can stand for.</remarks>
internal static class ImageFiles
{
    private static ImmutableSortedDictionary<string, (byte[] Signature, ImageReader Read)> s_kinds =
        ImmutableSortedDictionary.Create<string, (byte[], ImageReader)>(StringComparer.Ordinal);

    /// <summary>Adds a kind. Its own file calls this when the assembly loads.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="signature">What its files begin with.</param>
    /// <param name="read">Reads one.</param>
    public static void Add(string name, byte[] signature, ImageReader read) => s_kinds = s_kinds.Add(name, (signature, read));

    /// <summary>Reads a file of a known kind.</summary>
    public static Image Decode(ReadOnlySpan<byte> file)
    {
        foreach ((byte[] signature, ImageReader read) in s_kinds.Values)
        {
            if (file.StartsWith(signature))
                return read(file);
        }

        string start = Convert.ToHexString(file[..Math.Min(8, file.Length)]);
        throw new NotSupportedException(
            $"An image of {file.Length} bytes begins with {(start.Length == 0 ? "nothing" : start)}; known are {string.Join(", ", s_kinds.Keys)}.");
    }
}
