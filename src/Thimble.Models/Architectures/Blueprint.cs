using System.Globalization;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>A model file seen by an architecture: numbers by key, weights by name, checked against each other as they are taken.</summary>
/// <param name="file">The file.</param>
/// <param name="opening">How weights are opened.</param>
internal sealed class Blueprint(ModelFile file, Opening opening)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The file.</summary>
    public ModelFile File { get; } = file;

    /// <summary>How weights are opened.</summary>
    public Opening Opening { get; } = opening;

    /// <summary>The longest sequence that will be run; it decides which of two sets of rotations a model with both is given.</summary>
    public int Context { get; init; } = file.FindInt("context_length") ?? 0;

    /// <summary>Receives each small tensor that is taken, as the blocks will hold it; null for nobody.</summary>
    public ICollection<TakenVector>? Taken { get; init; }

    /// <summary>Layers, but those that only predict further tokens.</summary>
    public int Layers => Count("block_count") - (File.FindInt("nextn_predict_layers") ?? 0);

    /// <summary>Features of a token vector.</summary>
    public int Width => Count("embedding_length");

    /// <summary>Whether norms take off the mean: files of such models have the epsilon under another key.</summary>
    public bool Centred => Setting("attention.layer_norm_rms_epsilon") is null;

    /// <summary>Epsilon of the norms.</summary>
    public float Epsilon => Setting("attention.layer_norm_rms_epsilon") ?? File.Float("attention.layer_norm_epsilon");

    /// <summary>A whole number of this architecture, at least 1.</summary>
    /// <exception cref="InvalidDataException">It is missing or below 1.</exception>
    public int Count(string key) => File.Int(key) is > 0 and var value ? value : throw Wrong(key, File.Int(key), "at least 1");

    /// <summary>A number of this architecture; null where it is missing or 0, which stands for unset.</summary>
    public float? Setting(string key) => File.FindFloat(key) is { } value and not 0 ? value : null;

    /// <summary>A complaint about a metadata key.</summary>
    public InvalidDataException Wrong(string key, object value, string expected) => new(string.Create(
        CultureInfo.InvariantCulture, $"Metadata key '{File.Architecture}.{key}' of '{File.Path}' is {value}; expected {expected}."));

    /// <summary>The tensors that nobody has taken.</summary>
    public IEnumerable<StoredTensor> Untaken => File.Tensors.Where(tensor => !_asked.Contains(tensor.Name));

    /// <summary>Whether a tensor of this name was taken, or would have been if there were one.</summary>
    public bool Asked(string name) => _asked.Contains(name);

    /// <summary>Takes a tensor, if it is there: it counts from now on as known.</summary>
    public StoredTensor? Take(string name)
    {
        _asked.Add(name);
        return File.TryGetTensor(name, out StoredTensor? tensor) ? tensor : null;
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => File.TryGetTensor(name, out _);

    /// <summary>A matrix.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Outputs it must have; 0 for any.</param>
    /// <param name="columns">Inputs it must have; 0 for any.</param>
    /// <exception cref="InvalidDataException">It is missing or has another shape.</exception>
    public Weight Weight(string name, int rows = 0, int columns = 0) =>
        FindWeight(name, rows, columns) ?? throw Absent(name);

    /// <summary>A matrix, if it is there.</summary>
    public Weight? FindWeight(string name, int rows = 0, int columns = 0) => FindWeights(name, 1, rows, columns)?[0];

    /// <summary>Equal matrices, one above the other in one tensor, if it is there.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="count">Matrices it must hold.</param>
    /// <param name="rows">Outputs each must have; 0 for any.</param>
    /// <param name="columns">Inputs each must have; 0 for any.</param>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    public Weight[]? FindWeights(string name, int count, int rows = 0, int columns = 0)
    {
        if (Take(name) is not { } tensor)
            return null;
        if ((rows != 0 && tensor.Rows != (long)count * rows) || (columns != 0 && tensor.Columns != columns) || tensor.Rows % count != 0)
        {
            string each = count == 1 ? "" : $"{count} times ";
            throw new InvalidDataException(
                $"Tensor '{name}' of '{File.Path}' is {tensor.Rows}×{tensor.Columns}; the metadata ask for {each}{Wanted(rows)}×{Wanted(columns)}.");
        }

        Region bytes = tensor.Bytes();
        int height = checked((int)(tensor.Rows / count)), width = checked((int)tensor.Columns);
        long length = height * tensor.BlockFormat.RowBytes(width);
        return [.. Enumerable.Range(0, count).Select(i => new Weight(
            count == 1 ? name : $"{name}[{i}]", tensor.BlockFormat, height, width, count == 1 ? bytes : bytes.Part(i * length, length), Opening))];
    }

    /// <summary>A small tensor's values.</summary>
    /// <exception cref="InvalidDataException">It is missing or has another length.</exception>
    public float[] Vector(string name, int length = 0) => FindVector(name, length) ?? throw Absent(name);

    /// <summary>A small tensor's values, if it is there.</summary>
    /// <exception cref="InvalidDataException">It has another length, or a value that is no number.</exception>
    public float[]? FindVector(string name, int length = 0)
    {
        float[]? values = FindValues(name, length);
        if (values is not null)
            Taken?.Add(new(name, values, name));
        return values;
    }

    /// <summary>A small tensor's values in another order, as a block holds them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Values it must have.</param>
    /// <param name="order">Where each value stands in the tensor.</param>
    /// <exception cref="InvalidDataException">It is missing, has another length, or a value that is no number.</exception>
    public float[] Reordered(string name, int length, Func<int, int> order)
    {
        float[] stored = FindValues(name, length) ?? throw Absent(name);
        int[] places = [.. Enumerable.Range(0, length).Select(order)];
        float[] values = [.. places.Select(place => stored[place])];
        Taken?.Add(new(name, values, name, places));
        return values;
    }

    /// <summary>What the file says of the function inside of feed-forward blocks; the usual one where it says nothing.</summary>
    /// <exception cref="InvalidDataException">It names another.</exception>
    public Nonlinearity Activation(Nonlinearity usual) => File.FindText("hidden_activation") switch
    {
        null => usual,
        "silu" => Nonlinearity.Silu,
        "gelu" => Nonlinearity.Gelu,
        "relu" => Nonlinearity.Relu,
        "relu2" => Nonlinearity.ReluSquared,
        var other => throw Wrong("hidden_activation", $"'{other}'", "gelu, relu, relu2 or silu"),
    };

    private float[]? FindValues(string name, int length)
    {
        if (Take(name) is not { } tensor)
            return null;
        if (length != 0 && tensor.Rows * tensor.Columns != length)
        {
            throw new InvalidDataException(
                $"Tensor '{name}' of '{File.Path}' has {tensor.Rows * tensor.Columns} values; the metadata ask for {length}.");
        }

        float[] values = tensor.Values();
        return Array.FindIndex(values, value => !float.IsFinite(value)) is >= 0 and var at
            ? throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"Value {at} of tensor '{name}' of '{File.Path}' is {values[at]}; expected a number."))
            : values;
    }

    /// <summary>The matrix <c>NAME.weight</c> and, if it is there, <c>NAME.bias</c>.</summary>
    public Linear Linear(string name, int rows = 0, int columns = 0, bool scaled = false) =>
        FindLinear(name, rows, columns, scaled) ?? throw Absent(name + ".weight");

    /// <summary>The matrix <c>NAME.weight</c> and <c>NAME.bias</c>, if the first is there.</summary>
    /// <param name="name">What their names begin with.</param>
    /// <param name="rows">Outputs it must have; 0 for any.</param>
    /// <param name="columns">Inputs it must have; 0 for any.</param>
    /// <param name="scaled">Whether <c>NAME.scale</c> is a factor on the matrix; it always is where the format leaves one out.</param>
    public Linear? FindLinear(string name, int rows = 0, int columns = 0, bool scaled = false) =>
        FindLinears(name, 1, rows, columns, scaled)?[0];

    /// <summary>Equal matrices in <c>NAME.weight</c> with their biases in <c>NAME.bias</c>, if the first is there.</summary>
    public Linear[]? FindLinears(string name, int count, int rows = 0, int columns = 0, bool scaled = false)
    {
        if (FindWeights(name + ".weight", count, rows, columns) is not { } weights)
            return null;
        int height = weights[0].Rows;
        float[]?[] biases = Biases(name + ".bias", count, height);
        float[]? scales = scaled || weights[0].Format.Name == "NVFP4" ? FindVector(name + ".scale", count) : null;
        return [.. weights.Select((weight, i) => new Linear(weight, biases[i])
        {
            Scales = scales is null ? null : [scales[i]],
        })];
    }

    /// <summary>The biases of equal matrices; nulls where there are none.</summary>
    private float[]?[] Biases(string name, int count, int height)
    {
        if (count == 1)
            return [FindVector(name, height)];
        if (FindValues(name, count * height) is not { } all)
            return new float[]?[count];
        float[]?[] biases = new float[count][];
        for (int i = 0; i < count; i++)
        {
            float[] own = all[(i * height)..((i + 1) * height)];
            biases[i] = own;
            Taken?.Add(new($"{name}[{i}]", own, name, [.. Enumerable.Range(i * height, height)]));
        }

        return biases;
    }

    /// <summary>The norm <c>NAME.weight</c>, with its bias if the file has one.</summary>
    public Norm Norm(string name) => FindNorm(name) ?? throw Absent(name + ".weight");

    /// <summary>The norm <c>NAME.weight</c>, if it is there.</summary>
    public Norm? FindNorm(string name) => FindVector(name + ".weight") is { } gain
        ? new(gain, Epsilon, Centred, FindVector(name + ".bias", gain.Length)) { EachPart = File.Tensor(name + ".weight").Rows > 1 }
        : null;

    /// <summary>The table <c>token_embd.weight</c>.</summary>
    public Weight Table() => Weight("token_embd.weight", columns: Width);

    /// <summary>The head: <c>output.weight</c>, or the embedding's table where the file has none of its own.</summary>
    /// <param name="table">The embedding's table.</param>
    public Linear HeadOver(Weight table) => FindLinear("output", columns: Width) ?? new Linear(table);

    /// <summary>One description for each layer.</summary>
    /// <exception cref="InvalidDataException">There are tensors of more layers than the metadata say.</exception>
    public IReadOnlyList<Layer> Each(Func<int, Layer> layer)
    {
        foreach (StoredTensor tensor in File.Tensors)
        {
            string[] parts = tensor.Name.Split('.', 3);
            if (parts is ["blk", var number, _] && int.TryParse(number, CultureInfo.InvariantCulture, out int at) && at >= Count("block_count"))
                throw Wrong("block_count", Count("block_count"), $"more, for there is a tensor '{tensor.Name}'");
        }

        return [.. Enumerable.Range(0, Layers).Select(layer)];
    }

    /// <summary>A decoder with the usual beginning and end.</summary>
    /// <param name="layer">Describes a layer.</param>
    /// <param name="embedding">Of the embedding's table; null for the plain one.</param>
    /// <param name="head">Of the head's matrix; null for the plain one.</param>
    /// <param name="last">The last norm; null for <c>output_norm</c>.</param>
    public Decoder Decoder(
        Func<int, Layer> layer, Func<Weight, Embedding>? embedding = null, Func<Linear, Head>? head = null, Norm? last = null)
    {
        Weight table = Table();
        Linear output = HeadOver(table);
        return new(
            embedding?.Invoke(table) ?? new Embedding(table), Each(layer), last ?? Norm("output_norm"),
            head?.Invoke(output) ?? new Head(output));
    }

    /// <summary>A complaint about a tensor that is not there.</summary>
    public InvalidDataException Absent(string name) => new($"The {File.Architecture} file '{File.Path}' has no tensor '{name}'.");

    private static string Wanted(int size) => size == 0 ? "any" : size.ToString(CultureInfo.InvariantCulture);
}
