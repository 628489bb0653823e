using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>A model's tensors with adapters' changes added: <c>W + scale · factor · B·A</c>, row by row as they are asked for.</summary>
/// <param name="model">The model.</param>
internal sealed class MergedTensors(ModelFile model)
{
    private const string Table = "token_embd.weight", Head = "output.weight";

    private readonly Dictionary<string, List<Change>> _changes = new(StringComparer.Ordinal);

    /// <summary>Adds an adapter.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="scale">How strongly.</param>
    /// <exception cref="InvalidDataException">It is damaged or was made for another model.</exception>
    /// <exception cref="NotSupportedException">It has changes that no weights can hold.</exception>
    public void Add(string path, float scale) => AdapterFile.Read(path, model, file =>
    {
        if (file.Directions.Count > 0 || file.Invocation.Length > 0)
            throw new NotSupportedException($"'{path}' is a control vector or counts from certain tokens on; only changes of weights can be merged.");
        if (file.Architecture is { } made && made != model.Architecture)
            throw new InvalidDataException($"The adapter '{path}' was made for architecture '{made}'; '{model.Path}' is '{model.Architecture}'.");
        if (file.Bottlenecks.Count > 0 || file.Lead is not null)
            throw new NotSupportedException($"'{path}' is {(file.Lead is null ? "a network beside weights, which bends what goes through it" : "vectors before the first token")}; no weights can hold that. Known to merge: LoRA and DoRA.");
        file.Base?.Require(model, path);
        foreach (LowRankPair pair in file.Pairs)
            Add(path, pair, scale);
        return file.Pairs.Count;
    });

    /// <summary>Whether a tensor is changed.</summary>
    public bool Changes(StoredTensor tensor) => _changes.ContainsKey(tensor.Name);

    /// <summary>A changed tensor as it will be written.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="format">The format to write.</param>
    /// <param name="importance">How much an error in each column matters, shape [columns] or [matrices, columns], or empty.</param>
    public TensorSource Source(StoredTensor tensor, BlockFormat format, ReadOnlyMemory<float> importance)
    {
        List<Change> changes = _changes[tensor.Name];
        Region bytes = tensor.Bytes();
        int columns = checked((int)tensor.Columns), stored = checked((int)tensor.BlockFormat.RowBytes(columns)), written = checked((int)format.RowBytes(columns));
        return new(tensor.Name, format, tensor.Shape, (firstRow, rows) =>
        {
            float[] values = new float[columns];
            for (int at = 0; at < rows.Length; at += written)
            {
                long row = firstRow + (at / written);
                tensor.BlockFormat.Decode(bytes.Slice(row * stored, stored), values);
                foreach (Change change in changes)
                    change.AddTo(row, values);
                int matrix = importance.Length <= columns ? 0 : (int)(row / (tensor.Rows / (importance.Length / columns)));
                format.Encode(values, importance.IsEmpty ? [] : importance.Span.Slice(matrix * columns, columns), rows.Slice(at, written));
            }
        });
    }

    private void Add(string path, LowRankPair pair, float scale)
    {
        StoredTensor target = model.TryGetTensor(pair.Target, out StoredTensor? found)
            ? found
            : throw new InvalidDataException($"Tensor '{pair.A.Name}' of '{path}' changes '{pair.Target}', which '{model.Path}' does not have; the adapter was made for another model.");
        bool table = pair.Target == Table;
        if (table && !model.TryGetTensor(Head, out _))
            throw new NotSupportedException($"'{path}' changes '{Table}', which is also the head of '{model.Path}'; merged, it would change the head too.");
        if (model.TryGetTensor(Path.ChangeExtension(pair.Target, ".scale"), out StoredTensor? factors))
            throw new NotSupportedException($"'{pair.Target}' of '{model.Path}' has factors beside it ('{factors.Name}'); changes cannot be merged into it.");

        long matrices = target.Shape.Skip(2).Aggregate(1L, (product, size) => product * size), rank = pair.B.Columns;
        (long columns, long rows) = table ? (rank, target.Rows) : (target.Columns, rank * matrices);
        long height = table ? target.Columns : target.Rows;
        if (pair.A.Columns != columns || pair.A.Rows != rows || pair.B.Rows != height || rank < 1)
        {
            throw new InvalidDataException(
                $"Tensors '{pair.A.Name}' and '{pair.B.Name}' of '{path}' are {pair.A.Rows}×{pair.A.Columns} and {pair.B.Rows}×{rank}; '{model.Path}' asks for {rows}×{columns} and {height}×{rank}.");
        }

        float factor = scale * (pair.Factor ?? (pair.Alpha == 0 ? 1 : pair.Alpha / rank));
        // Of the table the two stand the other way round: its rows are A's, through B.
        float[] a = pair.A.Values(), b = pair.B.Values();
        if (!Finiteness.Of(a) || !Finiteness.Of(b))
            throw new InvalidDataException($"Tensor '{pair.A.Name}' or '{pair.B.Name}' of '{path}' has a value that is no number; the file is damaged.");
        if (!_changes.TryGetValue(target.Name, out List<Change>? changes))
            _changes.Add(target.Name, changes = []);
        if (changes.Count > 0 && (pair.Magnitude is not null || changes[0].Lengths is not null))
            throw new NotSupportedException($"'{path}' and another adapter change '{pair.Target}', and one of the two is DoRA, which is measured on the base alone. Merge one and leave the other beside the model.");
        changes.Add(table
            ? new(Turned(b, (int)rank), a, (int)rank, target.Rows, factor)
            : new(a, b, (int)rank, target.Rows / matrices, pair.Magnitude is null ? factor : factor / scale)
            {
                Lengths = pair.Magnitude?.Values(),
                Scale = scale,
            });
    }

    private static float[] Turned(float[] values, int columns)
    {
        int rows = values.Length / columns;
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            turned[(i % columns * rows) + (i / columns)] = values[i];
        return turned;
    }

    /// <summary>What is added to a tensor's rows.</summary>
    /// <param name="A">Shape [matrices · rank, columns].</param>
    /// <param name="B">Shape [rows, rank].</param>
    /// <param name="Rank">The rank.</param>
    /// <param name="Height">Rows of each matrix of the tensor.</param>
    /// <param name="Factor">On the product.</param>
    private sealed record Change(float[] A, float[] B, int Rank, long Height, float Factor)
    {
        /// <summary>Of DoRA, the length of each row; null for what it comes to.</summary>
        public float[]? Lengths { get; init; }

        /// <summary>Of DoRA, how much of the way it is gone.</summary>
        public float Scale { get; init; } = 1;

        public void AddTo(long row, float[] values)
        {
            if (Lengths is not null)
            {
                float[] turned = [.. values];
                float stretch = Lengths[row] / MagnitudeChange.Length(turned, B.AsSpan((int)(row * Rank), Rank), A, Factor);
                Lanes.Best(new Scaled(values, 1 - Scale, values));
                Lanes.Best(new AddScaled(turned, Scale * stretch, values));
                return;
            }

            for (int i = 0; i < Rank; i++)
            {
                long from = ((row / Height * Rank) + i) * values.Length;
                Lanes.Best(new AddScaled(A.AsSpan((int)from, values.Length), Factor * B[(row * Rank) + i], values));
            }
        }
    }
}
