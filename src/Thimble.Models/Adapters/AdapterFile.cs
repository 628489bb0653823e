using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>An adapter at rest, whatever container it came in: pairs of matrices for weights, vectors before the first token, or directions for layers.</summary>
internal sealed record AdapterFile(string Path)
{
    /// <summary>What it calls itself; null for nothing.</summary>
    public string? Name { get; init; }

    /// <summary>GGUF's name of the architecture it was made for; null where it does not say.</summary>
    public string? Architecture { get; init; }

    /// <summary>The changes of weights.</summary>
    public IReadOnlyList<LowRankPair> Pairs { get; init; } = [];

    /// <summary>Narrow networks beside, behind or before weights.</summary>
    public IReadOnlyList<BottleneckPair> Bottlenecks { get; init; } = [];

    /// <summary>Vectors before the first token; null for none.</summary>
    public LeadTensor? Lead { get; init; }

    /// <summary>The model it was trained on; null where it does not say.</summary>
    public ModelHash? Base { get; init; }

    /// <summary>Directions by the layer behind which they are added.</summary>
    public SortedDictionary<int, float[]> Directions { get; init; } = [];

    /// <summary>Tokens from whose last occurrence on it counts; empty for everywhere.</summary>
    public int[] Invocation { get; init; } = [];

    /// <summary>Reads an adapter: a GGUF file, or a folder as PEFT writes it.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="model">The model it is for, which says how a folder's names are to be read.</param>
    /// <param name="use">Given the adapter; the file is closed afterwards.</param>
    /// <exception cref="FileNotFoundException">There is nothing at the path.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or no adapter.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that this build does not know.</exception>
    public static T Read<T>(string path, ModelFile model, Func<AdapterFile, T> use)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (PeftAdapter.Recognises(path))
        {
            using var weights = PeftAdapter.Weights(path);
            return use(PeftAdapter.Read(path, weights, model));
        }

        using var file = ModelFile.Open(path);
        return use(GgufAdapter.Read(file));
    }
}

/// <summary>The two matrices of a change.</summary>
/// <param name="Target">GGUF's name of the weight that changes.</param>
/// <param name="A">To the rank, shape [columns, rank], row length first; with a third dimension for a tensor of several matrices.</param>
/// <param name="B">Back, shape [rank, rows].</param>
/// <param name="Factor">On the product; null for alpha / rank.</param>
/// <param name="Alpha">Divided by the rank; 0 for a factor of 1.</param>
internal sealed record LowRankPair(string Target, StoredTensor A, StoredTensor B, float? Factor, float Alpha = 0)
{
    /// <summary>The lengths of the changed weight's rows, shape [rows]; null where they are what they come to.</summary>
    public StoredTensor? Magnitude { get; init; }
}

/// <summary>The two matrices of a narrow network.</summary>
/// <param name="Target">GGUF's name of the weight.</param>
/// <param name="Down">Shape [features, width], row length first.</param>
/// <param name="Up">Shape [width, features].</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Function">The name of the function between the two.</param>
/// <param name="Scale">Factor on what it gives.</param>
internal sealed record BottleneckPair(string Target, StoredTensor Down, StoredTensor Up, BottleneckPlace Place, string Function, float Scale);

/// <summary>Where a narrow network stands.</summary>
internal enum BottleneckPlace
{
    /// <summary>Beside the weight: it is given what the weight is given.</summary>
    Beside,

    /// <summary>Behind it: it is given the product, and adds to it.</summary>
    Behind,

    /// <summary>Before it: it adds to what the weight is given.</summary>
    Before,
}

/// <summary>Vectors before the first token.</summary>
/// <param name="Tensor">Shape [width, count], row length first; of a prefix, a row is a key and a value of each layer.</param>
/// <param name="IsPrefix">Whether they are keys and values, not embeddings.</param>
/// <param name="PairsKeys">Whether keys of heads lie by halves and are to be kept in adjacent pairs.</param>
internal sealed record LeadTensor(StoredTensor Tensor, bool IsPrefix, bool PairsKeys);
