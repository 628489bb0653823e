using System.Globalization;
using System.Text.RegularExpressions;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A model cut into files named <c>…-00001-of-00003.gguf</c>.</summary>
/// <param name="Stem">The path before <c>-00001-of-</c>.</param>
/// <param name="Number">The part that was named, from 1.</param>
/// <param name="Count">Parts.</param>
/// <remarks>Source: llama.cpp, <c>gguf-split</c>.</remarks>
internal sealed partial record GgufSplit(string Stem, int Number, int Count)
{
    private const string NumberKey = "split.no", CountKey = "split.count", TensorsKey = "split.tensors.count";

    /// <summary>The cut a file belongs to, or null if it is whole.</summary>
    /// <exception cref="InvalidDataException">It says it is a part, but its name does not say which.</exception>
    public static GgufSplit? Find(string path, Metadata metadata)
    {
        if ((metadata.FindInteger(CountKey) ?? 0) is <= 1 and var count)
            return null;

        Match name = PartName().Match(path);
        return name.Success
            ? new(name.Groups[1].Value, Parse(name.Groups[2]), Parse(name.Groups[3]))
            : throw new InvalidDataException(
                $"'{path}' says it is one of {metadata.FindInteger(CountKey)} parts; give the parts their names back, such as 'model-00001-of-{metadata.FindInteger(CountKey):D5}.gguf'.");
    }

    /// <summary>Opens all parts as one file.</summary>
    /// <param name="path">The part that was named.</param>
    /// <param name="named">What that part holds.</param>
    /// <param name="map">That part, which the result owns.</param>
    /// <exception cref="FileNotFoundException">Parts are missing; the message names them.</exception>
    public ModelFile Open(string path, GgufPart named, MappedFile map)
    {
        Check(Number, path, named.Metadata);
        CheckAllThere();
        var maps = new List<MappedFile>();
        var parts = new List<GgufPart>();
        try
        {
            for (int number = 1; number <= Count; number++)
            {
                if (number == Number)
                {
                    parts.Add(named);
                    continue;
                }

                maps.Add(MappedFile.Open(PathOf(number)));
                parts.Add(Gguf.Read(PathOf(number), maps[^1].Region));
                Check(number, PathOf(number), parts[^1].Metadata);
            }

            return Join(parts, [map, .. maps]);
        }
        catch
        {
            maps.ForEach(other => other.Dispose());
            throw;
        }
    }

    private ModelFile Join(List<GgufPart> parts, IDisposable[] owned)
    {
        Metadata metadata = parts[0].Metadata;
        long tensors = parts.Sum(part => (long)part.Tensors.Count);
        if (metadata.FindInteger(TensorsKey) is { } expected && expected != tensors)
            throw new InvalidDataException($"'{PathOf(1)}' announces {expected} tensors; its {Count} parts hold {tensors}.");

        // The model is whole from here on, and would be written whole.
        foreach (string key in (string[])[NumberKey, CountKey, TensorsKey])
            metadata.Remove(key);
        return new ModelFile(PathOf(1), metadata, parts.SelectMany(part => part.Tensors), owned);
    }

    private void Check(int number, string path, Metadata metadata)
    {
        if (metadata.FindInteger(CountKey) is not { } count || count != Count)
            throw new InvalidDataException($"'{path}': metadata key '{CountKey}' is {metadata.FindInteger(CountKey)?.ToString(CultureInfo.InvariantCulture) ?? "missing"}; expected {Count}, as its name says.");
        if (metadata.FindInteger(NumberKey) is not { } index || index != number - 1)
            throw new InvalidDataException($"'{path}': metadata key '{NumberKey}' is {metadata.FindInteger(NumberKey)?.ToString(CultureInfo.InvariantCulture) ?? "missing"}; expected {number - 1}, as its name says.");
    }

    private void CheckAllThere()
    {
        const int Named = 8;
        string[] missing = [.. Enumerable.Range(1, Count).Select(PathOf).Where(path => !File.Exists(path))];
        if (missing.Length == 0)
            return;

        string more = missing.Length > Named ? $" and {missing.Length - Named} more" : "";
        throw new FileNotFoundException(
            $"'{PathOf(Number)}' is part {Number} of {Count}; missing: {string.Join(", ", missing.Take(Named).Select(path => $"'{path}'"))}{more}.", missing[0]);
    }

    private string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Stem}-{number:D5}-of-{Count:D5}.gguf");

    private static int Parse(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(.*)-(\d{5})-of-(\d{5})\.gguf$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
