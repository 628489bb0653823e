using System.Globalization;

namespace Thimble.Models.Files;

/// <summary>The tensors of a Hugging Face folder on their way to GGUF's names and orders.</summary>
/// <param name="weights">The folder's tensors.</param>
/// <param name="family">Its table of names.</param>
/// <param name="shape">Its sizes.</param>
/// <param name="config">Its config.json.</param>
internal sealed class FolderTensors(Safetensors weights, Family family, ModelShape shape, JsonFile config)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly List<StoredTensor> _tensors = [];
    private readonly OrderedDictionary<string, SortedDictionary<int, StoredTensor>> _stacks = new(StringComparer.Ordinal);
    private readonly Metadata _numbers = new();
    private readonly bool _tied = config.FindFlag("tie_word_embeddings") ?? family.TiesByDefault;

    /// <summary>All tensors.</summary>
    /// <param name="folder">The folder, for what lies in files of its own.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, or has a shape that does not fit.</exception>
    /// <exception cref="NotSupportedException">A tensor has no place in the architecture.</exception>
    public List<StoredTensor> All(string folder)
    {
        foreach (PackedWeights.Whole tensor in new PackedWeights(weights, config).All())
            Take(tensor);
        foreach ((string name, SortedDictionary<int, StoredTensor> parts) in _stacks)
        {
            int missing = Enumerable.Range(0, parts.Count).FirstOrDefault(i => !parts.ContainsKey(i), -1);
            _tensors.Add(missing < 0 ? Rearranged.Stacked(name, [.. parts.Values]) : throw new InvalidDataException($"'{weights.Path}' has no expert {missing} of '{name}'."));
        }

        foreach (TensorName name in family.Tensors.Where(name => !name.Optional))
        {
            for (int layer = 0; layer < (name.Ours.Contains('#', StringComparison.Ordinal) ? shape.Layers : 1); layer++)
            {
                string end = name.Whole ? "" : ".weight";
                if (!_found.Contains(Numbered(name.Parts[0], layer) + end))
                    throw new InvalidDataException($"'{weights.Path}' has no tensor '{family.Prefix}{Numbered(name.Theirs, layer)}{end}'.");
            }
        }

        _tensors.AddRange(DenseFiles.Read(folder));
        return _tensors;
    }

    /// <summary>Adds what tensors held that GGUF holds as metadata.</summary>
    public void AddTo(Metadata metadata)
    {
        foreach (string key in _numbers.Keys)
            metadata.Set(key, _numbers.TryGet(key, out object? value) ? value : 0L);
    }

    /// <summary>The row of a family's table for a tensor, its full new names, its layer, and which expert's it is.</summary>
    /// <param name="name">The folder's name for it.</param>
    /// <param name="family">The family.</param>
    internal static Placed? Place(string name, Family family)
    {
        string bare = family.OtherPrefixes.Prepend(family.Prefix).Where(prefix => name.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length) is { } prefix
            ? name[prefix.Length..]
            : name;
        int dot = bare.LastIndexOf('.');
        string end = bare[int.Max(dot, 0)..];
        bool usual = end is ".weight" or ".bias";
        foreach ((string pattern, int[] numbers) in Patterns(bare))
        {
            TensorName? found = Array.Find(family.Tensors, row => row.Whole
                ? row.Theirs == pattern
                : usual && pattern.Length == row.Theirs.Length + end.Length && pattern.StartsWith(row.Theirs, StringComparison.Ordinal));
            if (found is not null)
            {
                int layer = numbers.Length > 0 ? numbers[0] : 0;
                return new(found, [.. found.Parts.Select(part => Numbered(part, layer) + (found.Whole ? "" : end))], layer, numbers.Length > 1 ? numbers[1] : found.Place);
            }
        }

        return null;
    }

    /// <summary>A name with its first number read as the layer's, with its second as an expert's too, and as it stands.</summary>
    private static IEnumerable<(string Pattern, int[] Numbers)> Patterns(string name)
    {
        string[] parts = name.Split('.');
        int[] at = [.. Enumerable.Range(0, parts.Length).Where(i => int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out _)).Take(2)];
        for (int count = at.Length > 0 ? 1 : 0; count <= at.Length; count++)
        {
            string[] marked = [.. parts];
            for (int i = 0; i < count; i++)
                marked[at[i]] = "#@".Substring(i, 1);
            yield return (string.Join('.', marked), [.. at[..count].Select(i => int.Parse(parts[i], CultureInfo.InvariantCulture))]);
        }

        if (at.Length > 0)
            yield return (name, []);
    }

    private static string Numbered(string name, int layer) => name.Replace("#", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private void Take(PackedWeights.Whole tensor)
    {
        if (Place(tensor.Name, family) is not { } place)
        {
            if (Skips(tensor.Name) || (weights.TryGet(tensor.Name, out SafeTensor? number) && family.Takes?.Invoke(number, _numbers, new(shape, config, 0)) == true))
                return;
            throw new NotSupportedException($"'{weights.Path}': tensor '{tensor.Name}' has no place in architecture '{family.Architecture}'.");
        }

        if ((_tied && place.Name.Ours == "output") || (family.EndsEarly && place.Layer >= shape.Layers))
            return;
        for (int part = 0; part < place.Full.Length; part++)
        {
            _found.Add(place.Full[part]);
            StoredTensor changed = Changed(tensor, place, part);
            if (place.Stack is not { } at)
                _tensors.Add(changed);
            else if (_stacks.TryGetValue(place.Full[part], out SortedDictionary<int, StoredTensor>? others))
                others[at] = changed;
            else
                _stacks.Add(place.Full[part], new() { [at] = changed });
        }
    }

    private bool Skips(string name) => Array.Exists(family.Ignored, end => name.EndsWith(end, StringComparison.Ordinal))
        || Array.Exists(family.Beside, start => name.StartsWith(start, StringComparison.Ordinal))
        || (family.EndsEarly && Patterns(name).First().Numbers is [var layer, ..] && layer >= shape.Layers);

    private StoredTensor Changed(PackedWeights.Whole tensor, Placed place, int part)
    {
        StoredTensor stored = tensor.Stored(place.Full[part]);
        bool weight = !place.Full[part].EndsWith(".bias", StringComparison.Ordinal);
        stored = place.Name.Change switch
        {
            Change.PairQueries => Rearranged.Paired(stored, shape.Heads),
            Change.PairKeys => Rearranged.Paired(stored, shape.KeyValueHeads),
            Change.AddOne when weight => Rearranged.Raised(stored),
            Change.PartThirds => Rearranged.Parted(stored, shape.Heads),
            Change.Turn when !tensor.Unpacked && stored.Shape.Count is 2 or 3 && weight => Rearranged.Turned(stored),
            _ => stored,
        };
        stored = place.Name.Make?.Invoke(stored, part, new(shape, config, place.Layer)) ?? stored;
        return stored.Shape.Count == 1 || !weight || place.Name.Whole && stored.Rows == 1 ? Rearranged.Widened(stored) : stored;
    }

    /// <summary>Where a tensor goes.</summary>
    /// <param name="Name">The row of the table.</param>
    /// <param name="Full">Its full new names.</param>
    /// <param name="Layer">Its layer; 0 for none.</param>
    /// <param name="Stack">Which of those it is that become one tensor; null for one by itself.</param>
    internal readonly record struct Placed(TensorName Name, string[] Full, int Layer, int? Stack);
}
