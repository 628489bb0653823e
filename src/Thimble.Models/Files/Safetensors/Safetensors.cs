using System.Diagnostics.CodeAnalysis;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Tensors by name from one safetensors file, or from all that an index lists.</summary>
/// <remarks>It is no model by itself: what the tensors mean stands in the <c>config.json</c> beside it.</remarks>
internal sealed class Safetensors : IDisposable
{
    /// <summary>The name of a single file in a model's folder.</summary>
    public const string FileName = "model.safetensors";

    /// <summary>The name of the list of files in a model's folder.</summary>
    public const string IndexName = "model.safetensors.index.json";

    private readonly OrderedDictionary<string, SafeTensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<MappedFile> _maps = [];

    private Safetensors(string path) => Path = path;

    /// <summary>The file or index.</summary>
    public string Path { get; }

    /// <summary>Texts of <c>__metadata__</c>; of a cut model, those of the first file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>The tensors, in file order.</summary>
    public IReadOnlyCollection<SafeTensor> Tensors => _tensors.Values;

    /// <summary>The tensor of a name, if it is there.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafeTensor? tensor) => _tensors.TryGetValue(name, out tensor);

    /// <summary>Opens a <c>.safetensors</c> file, an index, or a folder that holds one of the two under its usual name.</summary>
    /// <exception cref="FileNotFoundException">There is none, or the index names a file that is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">A tensor has an unknown number type.</exception>
    public static Safetensors Open(string path)
    {
        if (Directory.Exists(path))
            path = Find(path);

        var opened = new Safetensors(path);
        try
        {
            if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                opened.AddListed();
            else
                opened.Add(path, _ => true);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that lies in memory.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="file">All of its bytes, kept alive by the caller.</param>
    public static Safetensors Read(string path, Region file)
    {
        var opened = new Safetensors(path);
        opened.Add(path, file, _ => true);
        return opened;
    }

    /// <summary>Closes the files. Nothing read from them may be used afterwards.</summary>
    public void Dispose() => _maps.ForEach(map => map.Dispose());

    private static string Find(string folder)
    {
        string file = System.IO.Path.Combine(folder, FileName), index = System.IO.Path.Combine(folder, IndexName);
        return File.Exists(index) ? index
            : File.Exists(file) ? file
            : throw new FileNotFoundException($"'{folder}' holds neither '{IndexName}' nor '{FileName}'.", file);
    }

    private void AddListed()
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        var index = new SafetensorsIndex(Path);
        string[] missing = [.. index.Files.Where(file => !File.Exists(System.IO.Path.Combine(folder, file)))];
        if (missing.Length > 0)
            throw new FileNotFoundException($"'{Path}' names {missing.Length} files that are missing: {string.Join(", ", missing.Take(8))}{(missing.Length > 8 ? ", …" : ".")}", missing[0]);

        foreach (string file in index.Files)
            Add(System.IO.Path.Combine(folder, file), name => index.FileOf(name) == file);
        foreach (string name in index.Names)
        {
            if (!_tensors.ContainsKey(name))
                throw new InvalidDataException($"'{Path}' says that '{index.FileOf(name)}' holds tensor '{name}'; it does not.");
        }
    }

    private void Add(string path, Func<string, bool> wanted)
    {
        _maps.Add(MappedFile.Open(path));
        Add(path, _maps[^1].Region, wanted);
    }

    private void Add(string path, Region file, Func<string, bool> wanted)
    {
        var header = new SafetensorsHeader(path);
        foreach (SafeTensor tensor in header.Read(file))
        {
            if (wanted(tensor.Name))
                _tensors.Add(tensor.Name, tensor);
        }

        if (Metadata.Count == 0)
            Metadata = header.Metadata;
    }
}
