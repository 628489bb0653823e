using System.Globalization;
using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Quantize;

/// <summary>A model of which a list tells metadata, shapes, and the formats that each type gives its tensors.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Its metadata and shapes; there are no bytes.</param>
/// <param name="Mixes">Types, and the formats they give.</param>
internal sealed record ListedModel(string Name, ModelFile File, IReadOnlyList<ListedMix> Mixes)
{
    /// <summary>Reads all models of a list.</summary>
    public static ListedModel[] Read(string path)
    {
        string text = System.IO.File.ReadAllText(path).ReplaceLineEndings("\n");
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(part => Parse(part.Split('\n', StringSplitOptions.RemoveEmptyEntries)))];
    }

    private static ListedModel Parse(string[] lines)
    {
        var metadata = new Metadata();
        foreach (string[] words in Words(lines, "meta"))
            metadata.Add(words[1], long.TryParse(words[2], CultureInfo.InvariantCulture, out long number) ? number : words[2]);
        int layers = (int)metadata.FindInteger($"{metadata.FindText("general.architecture")}.block_count")!.Value;
        List<StoredTensor> tensors = [];
        foreach (string[] words in Words(lines, "tensor"))
        {
            long[] shape = [.. words[2].Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))];
            var format = BlockFormats.Named(shape.Length > 1 ? "F16" : "F32");
            foreach (string name in Each(words[1].Replace("blk.0.", "", StringComparison.Ordinal), words[1].StartsWith("blk.", StringComparison.Ordinal) ? layers : 0))
                tensors.Add(new(name, format, shape, () => throw new InvalidOperationException()));
        }

        return new(lines[0].Split(' ')[1], new ModelFile(lines[0], metadata, tensors), [.. Listed(lines, tensors)]);
    }

    private static IEnumerable<ListedMix> Listed(string[] lines, List<StoredTensor> tensors)
    {
        foreach (string line in lines.Where(line => line.StartsWith("mix ", StringComparison.Ordinal) || line.StartsWith("weighted ", StringComparison.Ordinal)))
        {
            string[] parts = line.Split(": ", 2);
            Dictionary<string, string> formats = [];
            foreach (string[] kind in parts[1].Split("; ").Select(kind => kind.Split(' ')))
            {
                foreach (StoredTensor tensor in tensors.Where(tensor => tensor.Name == $"{kind[0]}.weight" || tensor.Name.EndsWith($".{kind[0]}.weight", StringComparison.Ordinal)))
                    formats[tensor.Name] = Array.Find(kind[1..], format => Covers(format, tensor.Name))!.Split(':')[0];
            }

            yield return new(parts[0].Split(' ')[1], parts[0].StartsWith("weighted", StringComparison.Ordinal), formats);
        }
    }

    /// <summary>Whether <c>Q4_K:3-4,6</c> speaks of a tensor's layer.</summary>
    private static bool Covers(string format, string name)
    {
        if (format.Split(':') is not [_, var runs])
            return true;
        int layer = int.Parse(name.Split('.')[1], CultureInfo.InvariantCulture);
        return runs.Split(',').Select(run => run.Split('-')).Any(ends =>
            int.Parse(ends[0], CultureInfo.InvariantCulture) <= layer && layer <= int.Parse(ends[^1], CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> Each(string name, int layers) =>
        layers == 0 ? [name] : Enumerable.Range(0, layers).Select(layer => $"blk.{layer}.{name}");

    private static IEnumerable<string[]> Words(string[] lines, string first) =>
        lines.Select(line => line.Split(' ')).Where(words => words[0] == first);
}

/// <summary>The formats that a type gives the tensors of a model.</summary>
/// <param name="Name">The type.</param>
/// <param name="Weighted">Whether importances are given; only what differs is listed then.</param>
/// <param name="Formats">Formats by tensor.</param>
internal sealed record ListedMix(string Name, bool Weighted, IReadOnlyDictionary<string, string> Formats);
