namespace Thimble.Library;

/// <summary>A name on the shelf: <c>qwen3:0.6b</c>, <c>owner/name:tag</c> or <c>hf.co/owner/repository:Q4_K_M</c>.</summary>
/// <param name="Path">What stands before the colon.</param>
/// <param name="Tag">What stands behind it.</param>
internal sealed record ModelName(string Path, string Tag)
{
    /// <summary>The tag of a name without one.</summary>
    public const string Latest = "latest";

    private const int Longest = 200;

    /// <summary>The name as it is shown: without the tag that needs no saying.</summary>
    public string Text => Tag == Latest ? Path : $"{Path}:{Tag}";

    /// <summary>The manifest's file below the folder of manifests.</summary>
    public string File => System.IO.Path.Combine([.. Path.Split('/'), Tag + ".json"]);

    /// <summary>Reads a name.</summary>
    /// <exception cref="ArgumentException">It is none: the message says which letters may stand where.</exception>
    public static ModelName Parse(string text) => TryParse(text)
        ?? throw new ArgumentException(
            $"'{text}' is no name of a model; expected NAME, NAME:TAG or OWNER/NAME:TAG of letters, digits and . _ -, at most {Longest} of them.", nameof(text));

    /// <summary>Reads a name, or finds that it is none.</summary>
    public static ModelName? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        string path = colon < 0 ? text : text[..colon], tag = colon < 0 ? Latest : text[(colon + 1)..];
        return text.Length is > 0 and <= Longest && path.Split('/').Append(tag).All(IsPart) ? new(path, tag) : null;
    }

    // A part becomes the name of a file or folder: it must be one on every system, and lead nowhere else.
    private static bool IsPart(string part) =>
        part.Length > 0 && part[0] != '.' && part[^1] != '.' && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
