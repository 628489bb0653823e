using System.Diagnostics.CodeAnalysis;

namespace Thimble.Models.Files;

/// <summary>A model at rest: metadata and tensors by name, whatever container they came in.</summary>
/// <remarks>Keys and names are GGUF's; an importer translates its own into them.</remarks>
public sealed class ModelFile : IDisposable
{
    private readonly OrderedDictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly IDisposable[] _owned;

    /// <summary>A file whose parts a reader has found.</summary>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="metadata">What it says about itself.</param>
    /// <param name="tensors">Its tensors, in file order.</param>
    /// <param name="owned">What must be disposed with it.</param>
    /// <exception cref="InvalidDataException">Two tensors have one name.</exception>
    internal ModelFile(string path, Metadata metadata, IEnumerable<StoredTensor> tensors, params IDisposable[] owned)
    {
        (Path, Metadata, _owned) = (path, metadata, owned);
        foreach (StoredTensor tensor in tensors)
        {
            if (!_tensors.TryAdd(tensor.Name, tensor))
                throw new InvalidDataException($"'{path}' has two tensors named '{tensor.Name}'.");
        }
    }

    /// <summary>Where it came from.</summary>
    public string Path { get; }

    /// <summary>What it says about itself.</summary>
    public Metadata Metadata { get; }

    /// <summary>Its tensors, in file order.</summary>
    public IReadOnlyCollection<StoredTensor> Tensors => _tensors.Values;

    /// <summary>The architecture's name, such as <c>qwen3</c>.</summary>
    /// <exception cref="InvalidDataException">The file does not say.</exception>
    public string Architecture => Metadata.FindText("general.architecture") ?? throw Missing("metadata key", "general.architecture");

    /// <summary>Opens a model, whatever container it came in: a GGUF file or one of its parts, or what an importer reads.</summary>
    /// <param name="path">A file or folder.</param>
    /// <returns>The model; dispose it when nothing read from it is used any more.</returns>
    /// <exception cref="FileNotFoundException">The path, or a part of the model, is not there.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">No reader takes it; the message says what it looks like and what is known.</exception>
    /// <remarks>Cost: reads the header only; tensors are read when they are used.</remarks>
    public static ModelFile Open(string path) => ModelFiles.Open(path);

    /// <summary>The tensor of a name, if it is there.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out StoredTensor? tensor) => _tensors.TryGetValue(name, out tensor);

    /// <summary>Closes the file. Nothing read from it may be used afterwards.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    /// <summary>A whole number of this architecture: <c>Int("block_count")</c> reads <c>llama.block_count</c>.</summary>
    /// <exception cref="InvalidDataException">It is missing, or no 32-bit number.</exception>
    internal int Int(string key) => FindInt(key) ?? throw Missing("metadata key", Full(key));

    internal int? FindInt(string key) => Metadata.FindInteger(Full(key)) is not { } value
        ? null
        : value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new InvalidDataException($"Metadata key '{Full(key)}' of '{Path}' is {value}; expected at most {int.MaxValue}.");

    /// <summary>A number of this architecture.</summary>
    /// <exception cref="InvalidDataException">It is missing or no number.</exception>
    internal float Float(string key) => FindFloat(key) ?? throw Missing("metadata key", Full(key));

    internal float? FindFloat(string key) => (float?)Metadata.FindNumber(Full(key));

    internal bool? FindFlag(string key) => Metadata.FindFlag(Full(key));

    internal string? FindText(string key) => Metadata.FindText(Full(key));

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="InvalidDataException">It is missing; the message names those most like it.</exception>
    internal StoredTensor Tensor(string name) => TryGetTensor(name, out StoredTensor? tensor) ? tensor : throw MissingTensor(name);

    /// <summary>All values of a small tensor, such as the gains of a norm.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    internal float[] Vector(string name) => Tensor(name).Values();

    internal float[]? FindVector(string name) => TryGetTensor(name, out StoredTensor? tensor) ? tensor.Values() : null;

    private InvalidDataException MissingTensor(string name)
    {
        string[] near = [.. NearNames.Of(name, _tensors.Keys).Select(other => $"'{other}'")];
        string architecture = Metadata.TryGet("general.architecture", out object? value) ? $"{value} " : "";
        return new($"The {architecture}file '{Path}' has no tensor '{name}'{(near.Length == 0 ? "." : $"; it has {string.Join(", ", near)}.")}");
    }

    internal InvalidDataException Missing(string kind, string name) => new($"'{Path}' has no {kind} '{name}'.");

    private string Full(string key) => $"{Architecture}.{key}";
}
