using System.Diagnostics.CodeAnalysis;
using Thimble.Lab.Evaluate;
using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>How much each column of each matrix matters: the mean square of the activations it meets in a text.</summary>
/// <remarks>
/// <para>An error e in a weight of column j moves the product by e · x[j]; summed over a text that is e² · Σ x[j]². Rounding that heeds these sums
/// spends its bits where the model looks.</para>
/// <para>Source: llama.cpp, <c>tools/imatrix</c>, whose files it reads and writes.</para>
/// </remarks>
public sealed class ImportanceMatrix
{
    private readonly SortedDictionary<string, ColumnSums> _tensors = new(StringComparer.Ordinal);

    internal ImportanceMatrix(string source) => Source = source;

    /// <summary>Where it came from.</summary>
    public string Source { get; }

    /// <summary>The text it was gathered on; null where the file does not say.</summary>
    public string? Dataset { get; internal init; }

    /// <summary>Windows of text it was gathered on; 0 where the file does not say.</summary>
    public int Chunks { get; internal set; }

    /// <summary>Tokens of a window; 0 where the file does not say.</summary>
    public int ChunkLength { get; internal init; }

    /// <summary>The tensors it knows, in order of name.</summary>
    public IReadOnlyCollection<string> Tensors => _tensors.Keys;

    /// <summary>Gathers one: lets a model read a text.</summary>
    /// <param name="path">The model, as <see cref="Model.Open(string, ModelOptions)"/> takes it; null for the one inside the library.</param>
    /// <param name="text">The text, of the kind that the smaller model will meet; 50,000 tokens are plenty.</param>
    /// <param name="textName">What the text is called, kept with the matrix; null for nothing.</param>
    /// <param name="options">Windows and opening; those of 512 tokens if null.</param>
    /// <param name="progress">Told after each window.</param>
    /// <param name="cancellationToken">Stops it after the window at hand.</param>
    /// <exception cref="ArgumentException">The text does not fill a window.</exception>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    /// <exception cref="NotSupportedException">This build does not know the model's architecture.</exception>
    /// <remarks>Cost: that of reading the text once, and two passes over the activations.</remarks>
    public static ImportanceMatrix Gather(
        string? path,
        string text,
        string? textName = null,
        WindowOptions? options = null,
        IProgress<WindowProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ImportanceCollector.Collect(path, text, textName, options ?? new(), progress, cancellationToken);
    }

    /// <summary>Reads a file, in GGUF or in llama.cpp's older layout.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or something else than an importance matrix; the message says where.</exception>
    public static ImportanceMatrix Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ImportanceFile.Read(path);
    }

    /// <summary>Writes it as a GGUF file that llama.cpp reads too.</summary>
    /// <param name="path">Where to write; a file there is replaced once the new one is complete.</param>
    /// <exception cref="CapacityException">The disk is full.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImportanceFile.Write(path, this);
    }

    internal void Add(string tensor, ColumnSums sums) => _tensors[tensor] = sums;

    internal bool TryGet(string tensor, [NotNullWhen(true)] out ColumnSums? sums) => _tensors.TryGetValue(tensor, out sums);

    /// <summary>The importances of a tensor's columns, matrix after matrix; empty if it is not known.</summary>
    /// <exception cref="InvalidDataException">They are of another shape than the tensor.</exception>
    internal ReadOnlyMemory<float> Find(StoredTensor tensor)
    {
        if (!_tensors.TryGetValue(tensor.Name, out ColumnSums? sums))
            return default;

        long matrices = tensor.Shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        return sums.Squares.Length == tensor.Columns * matrices
            ? sums.Importances((int)tensor.Columns)
            : throw new InvalidDataException(
                $"'{Source}' has {sums.Squares.Length} importances for tensor '{tensor.Name}'; its {matrices} matrices of {tensor.Columns} columns take "
                + $"{tensor.Columns * matrices}. It was gathered on another model; gather one with thimble imatrix.");
    }
}

/// <summary>Sums over the activations that a tensor's columns met.</summary>
/// <param name="Squares">Sums of squares, shape [matrices, columns].</param>
/// <param name="Counts">Vectors summed, for each matrix or once for all.</param>
internal sealed record ColumnSums(float[] Squares, float[] Counts)
{
    /// <summary>What a column that met nothing but zeros still counts, as a share of the mean: its weights should not become arbitrary.</summary>
    private const float Floor = 1e-5f;

    /// <summary>Mean squares over their mean in each matrix; ones for a matrix that met nothing.</summary>
    public float[] Importances(int columns)
    {
        float[] importances = new float[Squares.Length];
        for (int first = 0; first < importances.Length; first += columns)
        {
            ReadOnlySpan<float> squares = Squares.AsSpan(first, columns);
            double sum = 0;
            foreach (float square in squares)
                sum += square;
            bool met = Counts[Counts.Length == 1 ? 0 : first / columns] > 0 && sum > 0;
            for (int i = 0; i < columns; i++)
                importances[first + i] = met ? MathF.Max((float)(squares[i] * columns / sum), Floor) : 1;
        }

        return importances;
    }
}
