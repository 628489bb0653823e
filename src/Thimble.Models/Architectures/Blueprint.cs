using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>A model file seen by an architecture: numbers by key, weights by name, checked against each other as they are taken.</summary>
/// <param name="file">The file.</param>
/// <param name="opening">How weights are opened.</param>
internal sealed class Blueprint(ModelFile file, Opening opening)
{
    /// <summary>The file.</summary>
    public ModelFile File { get; } = file;

    /// <summary>Layers.</summary>
    public int Layers => Count("block_count");

    /// <summary>Features of a token vector.</summary>
    public int Width => Count("embedding_length");

    /// <summary>Epsilon of the norms.</summary>
    public float Epsilon => File.FindFloat("attention.layer_norm_rms_epsilon") ?? File.Float("attention.layer_norm_epsilon");

    /// <summary>A whole number of this architecture, at least 1.</summary>
    /// <exception cref="InvalidDataException">It is missing or below 1.</exception>
    public int Count(string key) => File.Int(key) is > 0 and var value
        ? value
        : throw new InvalidDataException($"Metadata key '{File.Architecture}.{key}' of '{File.Path}' is {File.Int(key)}; expected at least 1.");

    /// <summary>A matrix.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Outputs it must have; 0 for any.</param>
    /// <param name="columns">Inputs it must have; 0 for any.</param>
    /// <exception cref="InvalidDataException">It is missing or has another shape.</exception>
    public Weight Weight(string name, int rows = 0, int columns = 0) =>
        FindWeight(name, rows, columns) ?? throw Absent(name);

    /// <summary>A matrix, if it is there.</summary>
    public Weight? FindWeight(string name, int rows = 0, int columns = 0)
    {
        if (!File.TryGetTensor(name, out StoredTensor? tensor))
            return null;
        if ((rows != 0 && tensor.Rows != rows) || (columns != 0 && tensor.Columns != columns))
        {
            throw new InvalidDataException(
                $"Tensor '{name}' of '{File.Path}' is {tensor.Rows}×{tensor.Columns}; the metadata ask for {Wanted(rows)}×{Wanted(columns)}.");
        }

        return new Weight(name, tensor.BlockFormat, checked((int)tensor.Rows), checked((int)tensor.Columns), tensor.Bytes(), opening);
    }

    /// <summary>A small tensor's values.</summary>
    /// <exception cref="InvalidDataException">It is missing or has another length.</exception>
    public float[] Vector(string name, int length = 0) => FindVector(name, length) ?? throw Absent(name);

    /// <summary>A small tensor's values, if it is there.</summary>
    public float[]? FindVector(string name, int length = 0)
    {
        if (!File.TryGetTensor(name, out StoredTensor? tensor))
            return null;
        return length == 0 || tensor.Rows * tensor.Columns == length
            ? tensor.Values()
            : throw new InvalidDataException(
                $"Tensor '{name}' of '{File.Path}' has {tensor.Rows * tensor.Columns} values; the metadata ask for {length}.");
    }

    /// <summary>The matrix <c>NAME.weight</c> and, if it is there, <c>NAME.bias</c>.</summary>
    public Linear Linear(string name, int rows = 0, int columns = 0) => FindLinear(name, rows, columns) ?? throw Absent(name + ".weight");

    /// <summary>The matrix <c>NAME.weight</c> and <c>NAME.bias</c>, if the first is there.</summary>
    public Linear? FindLinear(string name, int rows = 0, int columns = 0) =>
        FindWeight(name + ".weight", rows, columns) is { } weight ? new(weight, FindVector(name + ".bias", weight.Rows)) : null;

    /// <summary>The norm <c>NAME.weight</c>, centred if the file has its bias or <paramref name="centred"/> says so.</summary>
    public Norm Norm(string name, bool centred = false) => FindNorm(name, centred) ?? throw Absent(name + ".weight");

    /// <summary>The norm <c>NAME.weight</c>, if it is there.</summary>
    public Norm? FindNorm(string name, bool centred = false)
    {
        if (FindVector(name + ".weight") is not { } gain)
            return null;
        float[]? bias = FindVector(name + ".bias", gain.Length);
        return new(gain, Epsilon, centred || bias is not null, bias);
    }

    /// <summary>The table <c>token_embd.weight</c>.</summary>
    public Weight Table() => Weight("token_embd.weight", columns: Width);

    /// <summary>The head: <c>output.weight</c>, or the embedding's table where the file has none of its own.</summary>
    /// <param name="table">The embedding's table.</param>
    public Linear HeadOver(Weight table) => FindLinear("output", columns: Width) ?? new Linear(table);

    /// <summary>One description for each layer.</summary>
    public IReadOnlyList<Layer> Each(Func<int, Layer> layer) => [.. Enumerable.Range(0, Layers).Select(layer)];

    private InvalidDataException Absent(string name) => new($"The {File.Architecture} file '{File.Path}' has no tensor '{name}'.");

    private static string Wanted(int size) => size == 0 ? "any" : size.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
