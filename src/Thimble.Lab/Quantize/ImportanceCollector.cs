using System.Globalization;
using Thimble.Compute.Memory;
using Thimble.Lab.Evaluate;
using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>Sums the squares of all that each column of each matrix meets while a model reads.</summary>
/// <param name="file">The model.</param>
internal sealed class ImportanceCollector(ModelFile file)
{
    private readonly Dictionary<string, (double[] Squares, long[] Counts)> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<Weight, (string Name, int Matrix)> _places = [];

    /// <summary>Lets a model read a text and gathers.</summary>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="text">The text.</param>
    /// <param name="source">What the text is called.</param>
    /// <param name="options">Windows and opening.</param>
    /// <param name="progress">Told after each window.</param>
    /// <param name="cancellation">Stops it after the window at hand.</param>
    public static ImportanceMatrix Collect(
        string? path, string text, string? source, WindowOptions options, IProgress<WindowProgress>? progress, CancellationToken cancellation)
    {
        using var reader = new WindowReader(path, text, options);
        var collector = new ImportanceCollector(reader.File);
        reader.Observer = collector.See;
        for (int window = 0; window < reader.Count; window++)
        {
            cancellation.ThrowIfCancellationRequested();
            reader.Read(window, []);
            progress?.Report(new(window + 1, reader.Count));
        }

        return collector.Matrix(reader.File.Path, source, reader.Count, options.Length);
    }

    /// <summary>What has been gathered.</summary>
    public ImportanceMatrix Matrix(string path, string? source, int windows, int length)
    {
        var matrix = new ImportanceMatrix(path) { Dataset = source, Chunks = windows, ChunkLength = length };
        foreach ((string name, (double[] squares, long[] counts)) in _tensors)
            matrix.Add(name, new([.. squares.Select(sum => (float)sum)], [.. counts.Select(count => (float)count)]));
        return matrix;
    }

    /// <summary>Adds what a weight meets.</summary>
    public void See(Weight weight, Matrix x)
    {
        if (!_places.TryGetValue(weight, out (string Name, int Matrix) place))
            _places[weight] = place = Place(weight.Name);
        if (!_tensors.TryGetValue(place.Name, out (double[] Squares, long[] Counts) sums))
        {
            int matrices = Matrices(place.Name);
            _tensors[place.Name] = sums = (new double[matrices * weight.Columns], new long[matrices]);
        }

        Span<double> squares = sums.Squares.AsSpan(place.Matrix * weight.Columns, weight.Columns);
        for (int row = 0; row < x.Rows; row++)
        {
            ReadOnlySpan<float> values = x[row];
            for (int i = 0; i < squares.Length; i++)
                squares[i] += (double)values[i] * values[i];
        }

        sums.Counts[place.Matrix] += x.Rows;
    }

    /// <summary>The tensor that a weight is cut from, and which matrix of it: experts are named <c>blk.0.ffn_up_exps.weight[3]</c>.</summary>
    private (string Name, int Matrix) Place(string name)
    {
        int bracket = name.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0)
            return (name, 0);

        int number = int.Parse(name.AsSpan(bracket + 1, name.Length - bracket - 2), CultureInfo.InvariantCulture);
        // Parts of one matrix share its columns.
        return (name[..bracket], Matrices(name[..bracket]) > 1 ? number : 0);
    }

    private int Matrices(string name) =>
        file.TryGetTensor(name, out StoredTensor? tensor) ? (int)tensor.Shape.Skip(2).Aggregate(1L, (product, size) => product * size) : 1;
}
