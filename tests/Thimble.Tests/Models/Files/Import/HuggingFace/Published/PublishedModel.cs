using System.Globalization;
using System.Text.Json.Nodes;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A GGUF model written as the folder its family is published as.</summary>
/// <param name="ClassName">As config.json names it.</param>
/// <param name="Fields">Fields of config.json.</param>
internal sealed record PublishedModel(string ClassName, JsonObject Fields)
{
    /// <summary>Ways back, by what GGUF's names end in without layer and end.</summary>
    public Dictionary<string, Func<StoredTensor[], Published>> Back { get; init; } = [];

    /// <summary>What GGUF's tensors are called that the folder lacks.</summary>
    public string[] Without { get; init; } = [];

    /// <summary>Which of several names in the folder a tensor has, by what GGUF's names end in.</summary>
    public Dictionary<string, string> Prefer { get; init; } = [];

    /// <summary>What stands before all names, where it is not the family's first.</summary>
    public string? Prefix { get; init; }

    /// <summary>Numbers that the folder holds as tensors, and GGUF as metadata.</summary>
    public Func<ModelFile, (string Name, float Value)[]> Extra { get; init; } = _ => [];

    /// <summary>Keys of GGUF that a folder of this family never says.</summary>
    public string[] Unsaid { get; init; } = [];

    /// <summary>The model of the tensors that the folder can hold.</summary>
    public ModelFile Kept(ModelFile source)
    {
        foreach (string key in Unsaid)
            source.Metadata.Remove($"{source.Architecture}.{key}");
        return new(source.Path, source.Metadata, [.. source.Tensors.Where(tensor =>
            !tensor.Name.EndsWith("scale", StringComparison.Ordinal) && !tensor.Name.StartsWith("rope_f", StringComparison.Ordinal)
            && !Array.Exists(Without, part => tensor.Name.Contains(part, StringComparison.Ordinal))).Select(Usual)]);
    }

    /// <summary>Rates below 0, as all that are trained, and names with their usual end.</summary>
    private static StoredTensor Usual(StoredTensor tensor) => tensor.Name.EndsWith("ssm_a", StringComparison.Ordinal)
        ? Computed.Tensor(tensor.Name, tensor.BlockFormat, [.. tensor.Shape], memory =>
        {
            float[] values = tensor.Values();
            for (int i = 0; i < values.Length; i++)
                BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), -0.1f - Math.Abs(values[i]));
        })
        : new(tensor.Name.EndsWith(".ffn_norm", StringComparison.Ordinal) ? tensor.Name + ".weight" : tensor.Name, tensor.BlockFormat, [.. tensor.Shape], tensor.Bytes);

    /// <summary>Writes the folder.</summary>
    public Scratch Write(ModelFile source)
    {
        var recipe = new FolderRecipe();
        recipe.Config.Clear();
        recipe.Config["architectures"] = new JsonArray(ClassName);
        foreach ((string field, JsonNode? value) in Fields)
            recipe.Config[field] = value?.DeepClone();
        Scratch folder = recipe.Write();
        var family = Family.Of("config.json", ClassName);
        family = family.Variant?.Invoke(JsonFile.Read(folder["config.json"]).Inner("text_config")) ?? family;
        var written = new HashSet<string>(StringComparer.Ordinal);
        SafetensorsWriter.Write(folder["model.safetensors"],
        [
            .. source.Tensors.Where(tensor => !Array.Exists(Without, part => tensor.Name.Contains(part, StringComparison.Ordinal))).SelectMany(tensor => Entries(tensor, source, family, written)),
            .. Extra(source).Select(one => Entry(one.Name, new([1], [one.Value]))),
        ]);
        return folder;
    }

    private IEnumerable<SafetensorsWriter.Entry> Entries(StoredTensor tensor, ModelFile source, Family family, HashSet<string> written)
    {
        string[] parts = tensor.Name.Split('.');
        int at = Array.IndexOf(parts, "blk");
        string layer = at >= 0 ? parts[at + 1] : "";
        if (at >= 0)
            parts[at + 1] = "#";
        string pattern = string.Join('.', parts), end = parts[^1] is "weight" or "bias" ? "." + parts[^1] : "", bare = end == "" ? pattern : pattern[..^end.Length];
        string role = at >= 0 ? bare[(bare.IndexOf('#', StringComparison.Ordinal) + 2)..] : bare;
        TensorName[] rows = [.. family.Tensors.Where(row => row.Parts.Contains(row.Whole ? pattern : bare) && (row.Whole || end != "")
            && (!Prefer.TryGetValue(role, out string? theirs) || row.Theirs.EndsWith(theirs, StringComparison.Ordinal)))];
        Assert.True(rows.Length > 0, $"{ClassName} has no name for {tensor.Name}.");
        TensorName first = rows[0];
        string name = (Prefix ?? family.Prefix) + first.Theirs.Replace("#", layer == "" ? "0" : layer, StringComparison.Ordinal) + (first.Whole ? "" : end);
        if (!written.Add(name))
            return [];
        StoredTensor[] all = [.. first.Parts.Select(part => source.Tensor((part + (first.Whole ? "" : end)).Replace("#", layer, StringComparison.Ordinal)))];
        role = first.Parts[0].Replace("blk.#.", "", StringComparison.Ordinal);
        role = first.Whole && role.LastIndexOf('.') is > 0 and var last && role[last..] is ".weight" or ".bias" ? role[..role.LastIndexOf('.')] : role;
        Published published = (Back.GetValueOrDefault(role) ?? Undo.Nothing)(all);
        if (first.Place is null)
            return !name.Contains('@', StringComparison.Ordinal) ? [Entry(name, published)] : Split(published, (expert, part) => Entry(name.Replace("@", $"{expert}", StringComparison.Ordinal), part));
        return Split(Undo.Nothing(all), (place, part) => Entry(
            (Prefix ?? family.Prefix) + rows.Single(row => row.Place == place).Theirs.Replace("#", layer, StringComparison.Ordinal) + (first.Whole ? "" : end),
            (Back.GetValueOrDefault(role) is { } back ? part with { Shape = [1, 1, .. part.Shape] } : part)));
    }

    private static IEnumerable<SafetensorsWriter.Entry> Split(Published whole, Func<int, Published, SafetensorsWriter.Entry> entry) =>
        whole.Values.Chunk(whole.Values.Length / (int)whole.Shape[0]).Select((part, at) => entry(at, new([.. whole.Shape[1..]], part)));

    private static SafetensorsWriter.Entry Entry(string name, Published tensor) =>
        new(name, "F32", tensor.Shape, (byte[])[.. tensor.Values.SelectMany(BitConverter.GetBytes)]);
}
