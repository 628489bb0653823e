using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>A model's folder as Hugging Face lays it out: config.json, safetensors, tokenizer.</summary>
/// <remarks>
/// <para>Number formats are kept, but vectors become F32, exactly. A head that is the embedding again is left out, as GGUF
/// does. A tensor the family's table does not name is refused: a model that lacks a part of itself talks nonsense.</para>
/// <para>Source: llama.cpp, <c>conversion/base.py</c>, for the keys.</para>
/// </remarks>
internal static class HuggingFaceFolder
{
    private const string Config = "config.json";

    [ModuleInitializer]
    internal static void Register() => ModelFiles.AddFolder("Hugging Face", Recognises, Open);

    /// <summary>Whether a folder is one.</summary>
    internal static bool Recognises(string folder) => File.Exists(Path.Combine(folder, Config));

    /// <summary>Opens one.</summary>
    /// <exception cref="FileNotFoundException">A file of weights is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a field, a tensor or the tokenizer is missing.</exception>
    /// <exception cref="NotSupportedException">The architecture, or a part of it, is unknown.</exception>
    internal static ModelFile Open(string folder)
    {
        var config = JsonFile.Read(Path.Combine(folder, Config));
        var family = Family.Of(config.Path, ClassName(config));
        var shape = ModelShape.Read(config);
        var weights = Safetensors.Open(folder);
        try
        {
            List<StoredTensor> tensors = Tensors(weights, config, family, shape);
            var keys = new ArchitectureKeys(family.Architecture, folder, FileType(tensors));
            shape.AddTo(keys, config, family);
            PoolingFile.AddTo(keys, folder);
            if (family.Rotates)
                RopeParameters.AddTo(keys, tensors, config, family, shape);
            HuggingFaceTokenizer.AddTo(keys.Metadata, folder, config, shape.Vocabulary);
            return new(folder, keys.Metadata, tensors, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    internal static string ClassName(JsonFile config) =>
        config.FindElement("architectures") is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } first
            ? first.GetString()!
            : throw new InvalidDataException($"'{config.Path}' has no field 'architectures'.");

    private static List<StoredTensor> Tensors(Safetensors weights, JsonFile config, Family family, ModelShape shape)
    {
        bool tied = config.FindFlag("tie_word_embeddings") ?? family.TiesByDefault;
        var found = new HashSet<string>(StringComparer.Ordinal);
        List<StoredTensor> tensors = [];
        var experts = new OrderedDictionary<string, SortedDictionary<int, StoredTensor>>(StringComparer.Ordinal);
        foreach (PackedWeights.Whole tensor in new PackedWeights(weights, config).All())
        {
            if (Place(tensor.Name, family) is not { } place)
            {
                if (Array.Exists(family.Ignored, end => tensor.Name.EndsWith(end, StringComparison.Ordinal)))
                    continue;
                throw new NotSupportedException($"'{weights.Path}': tensor '{tensor.Name}' has no place in architecture '{family.Architecture}'.");
            }

            if (tied && place.Name.Ours == "output")
                continue;
            found.Add(place.Full);
            Change change = tensor.Unpacked && place.Name.Change == Change.Turn ? Change.None : place.Name.Change;
            StoredTensor changed = Changed(tensor.Stored(place.Full), change, shape);
            if (place.Expert is not { } expert)
                tensors.Add(changed);
            else if (experts.TryGetValue(place.Full, out SortedDictionary<int, StoredTensor>? others))
                others[expert] = changed;
            else
                experts.Add(place.Full, new() { [expert] = changed });
        }

        foreach ((string name, SortedDictionary<int, StoredTensor> parts) in experts)
        {
            int missing = Enumerable.Range(0, parts.Count).FirstOrDefault(i => !parts.ContainsKey(i), -1);
            tensors.Add(missing < 0 ? Rearranged.Stacked(name, [.. parts.Values]) : throw new InvalidDataException($"'{weights.Path}' has no expert {missing} of '{name}'."));
        }

        foreach (TensorName name in family.Tensors.Where(name => !name.Optional))
        {
            for (int layer = 0; layer < (name.Ours.Contains('#', StringComparison.Ordinal) ? shape.Layers : 1); layer++)
            {
                if (!found.Contains(Layer(name.Ours, layer) + ".weight"))
                    throw new InvalidDataException($"'{weights.Path}' has no tensor '{family.Prefix}{Layer(name.Theirs, layer)}.weight'.");
            }
        }

        return tensors;
    }

    private static string Layer(string name, int layer) => name.Replace("#", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>The row of the table for a tensor, its full new name, and which expert's it is.</summary>
    internal static (TensorName Name, string Full, int? Expert)? Place(string name, Family family)
    {
        int dot = name.LastIndexOf('.');
        string end = name[int.Max(dot, 0)..];
        if (end is not (".weight" or ".bias"))
            return null;

        string[] parts = (name.StartsWith(family.Prefix, StringComparison.Ordinal) ? name[family.Prefix.Length..dot] : name[..dot]).Split('.');
        int[] numbers = [-1, -1];   // the layer, the expert
        for (int i = 0, seen = 0; i < parts.Length && seen < numbers.Length; i++)
        {
            if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                (numbers[seen], parts[i]) = (number, "#@".Substring(seen++, 1));
        }

        string pattern = string.Join('.', parts);
        return Array.Find(family.Tensors, row => row.Theirs == pattern) is { } found
            ? (found, Layer(found.Ours, Math.Max(0, numbers[0])) + end, numbers[1] < 0 ? null : numbers[1])
            : null;
    }

    private static StoredTensor Changed(StoredTensor stored, Change change, ModelShape shape)
    {
        StoredTensor changed = change switch
        {
            Change.PairQueries => Rearranged.Paired(stored, shape.Heads),
            Change.PairKeys => Rearranged.Paired(stored, shape.KeyValueHeads),
            Change.AddOne => Rearranged.Raised(stored),
            Change.PartThirds => Rearranged.Parted(stored, shape.Heads),
            Change.Turn when stored.Shape.Count == 2 => Rearranged.Turned(stored),
            _ => stored,
        };
        return changed.Shape.Count == 1 ? Rearranged.Widened(changed) : changed;
    }

    /// <summary>ggml's number for the format of the largest tensor.</summary>
    private static int FileType(List<StoredTensor> tensors) => tensors.MaxBy(tensor => tensor.Length)?.Format switch
    {
        "F16" => 1,
        "BF16" => 32,
        _ => 0,
    };
}
