using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>What becomes of tensors that two worlds cut or count otherwise.</summary>
internal static class Makings
{
    /// <summary>The first half of the rows, and the second: a gate above what it gates.</summary>
    public static StoredTensor Half(StoredTensor stored, int part, FolderSizes folder)
    {
        long half = EvenRows(stored) / 2;
        return Chosen(stored, half, row => (part * half) + row);
    }

    /// <summary>Every other row, and the others: gates and what they gate taking turns.</summary>
    public static StoredTensor Alternate(StoredTensor stored, int part, FolderSizes folder) =>
        Chosen(stored, EvenRows(stored) / 2, row => (2 * row) + part);

    /// <summary>Queries, keys and values of each group of heads become all queries, then all keys, then all values.</summary>
    public static StoredTensor Groups(StoredTensor stored, int part, FolderSizes folder)
    {
        ModelShape shape = folder.Shape;
        CheckGroups(stored, shape);
        return Chosen(stored, RowsOf(stored), row => Grouped(shape, row));
    }

    /// <summary>The same in three tensors, with queries and keys for a rotation of adjacent pairs.</summary>
    public static StoredTensor PairedGroups(StoredTensor stored, int part, FolderSizes folder)
    {
        ModelShape shape = folder.Shape;
        CheckGroups(stored, shape);
        int heads = part == 0 ? shape.Heads : shape.KeyValueHeads, half = shape.HeadSize / 2;
        long first = part switch { 0 => 0, 1 => shape.Heads, _ => shape.Heads + shape.KeyValueHeads } * (long)shape.HeadSize;
        return Chosen(stored, (long)heads * shape.HeadSize, row =>
        {
            (long head, long within) = long.DivRem(row, shape.HeadSize);
            return Grouped(shape, first + (head * shape.HeadSize) + (part == 2 ? within : (within % 2 * half) + (within / 2)));
        });
    }

    /// <summary>All rows but the first two, which OPT keeps for positions that no token has.</summary>
    public static StoredTensor WithoutTwo(StoredTensor stored, int part, FolderSizes folder) => From(stored, 2);

    /// <summary>All rows but those up to that of the token that fills up, from which RoBERTa counts positions.</summary>
    public static StoredTensor WithoutPadding(StoredTensor stored, int part, FolderSizes folder) => From(stored, 1 + (folder.Config.FindInteger("pad_token_id") ?? 1));

    /// <summary>As many rows as there are token ids with per-layer embeddings.</summary>
    public static StoredTensor Known(StoredTensor stored, int part, FolderSizes folder) =>
        Chosen(stored, Math.Min(RowsOf(stored), folder.Config.FindInteger("vocab_size_per_layer_input") ?? long.MaxValue), row => row);

    /// <summary><c>−exp(x)</c>: rates at which states fade, which are trained as logarithms; a vector becomes a column.</summary>
    public static StoredTensor Rates(StoredTensor stored, int part, FolderSizes folder) =>
        Mapped(stored, stored.Shape.Count == 1 ? [1, stored.Columns] : [.. stored.Shape], (value, _) => -MathF.Exp(value));

    /// <summary>The same of a vector that stays one.</summary>
    public static StoredTensor FlatRates(StoredTensor stored, int part, FolderSizes folder) => Mapped(stored, [.. stored.Shape], (value, _) => -MathF.Exp(value));

    /// <summary><c>1 / x</c>: a factor where the folder holds a divisor.</summary>
    public static StoredTensor Inverse(StoredTensor stored, int part, FolderSizes folder) => Mapped(stored, [.. stored.Shape], (value, _) => 1 / value);

    /// <summary>A single row of a head, and one of zeros: two scores whose shares are what a sigmoid makes of the first.</summary>
    public static StoredTensor AgainstZero(StoredTensor stored, int part, FolderSizes folder) => stored.Rows > 1 ? stored
        : Computed.Tensor(stored.Name, BlockFormats.Named("F32"), [stored.Columns, 2], memory => stored.Values().CopyTo(memory.Floats));

    /// <summary>A vector as a column.</summary>
    public static StoredTensor Column(StoredTensor stored, int part, FolderSizes folder) => Mapped(stored, [1, stored.Columns], (value, _) => value);

    /// <summary>Without dimensions of one element.</summary>
    public static StoredTensor Squeezed(StoredTensor stored, int part, FolderSizes folder) => Reshaped(stored, [.. stored.Shape.Where(size => size != 1)]);

    /// <summary>All values in a row.</summary>
    public static StoredTensor Flat(StoredTensor stored, int part, FolderSizes folder) => Reshaped(stored, [stored.Columns * stored.Rows]);

    /// <summary>A gain for each part of a norm that is taken part by part.</summary>
    public static Making Parted(string groupsField) => (stored, _, folder) =>
    {
        long groups = folder.Config.FindInteger(groupsField) ?? 1;
        return groups > 0 && stored.Columns % groups == 0
            ? Reshaped(stored, [stored.Columns / groups, groups])
            : throw new InvalidDataException($"'{folder.Config.Path}': '{groupsField}' is {groups}; expected a divisor of {stored.Columns}, the values of tensor '{stored.Name}'.");
    };

    /// <summary>Every row times a factor, in F32.</summary>
    /// <param name="factor">Of a row.</param>
    public static Making Times(Func<FolderSizes, long, double> factor) => (stored, _, folder) =>
    {
        double[] factors = [.. Enumerable.Range(0, checked((int)stored.Rows)).Select(row => factor(folder, row))];
        return Array.TrueForAll(factors, one => one == 1) ? stored : Mapped(stored, [.. stored.Shape], (value, at) => (float)(value * factors[at / stored.Columns]));
    };

    /// <summary>One making after another.</summary>
    public static Making Then(this Making first, Making second) => (stored, part, folder) => second(first(stored, part, folder), part, folder);

    /// <summary>Rows of each of several matrices, or values of each of several biases, picked from all of them.</summary>
    private static StoredTensor Chosen(StoredTensor stored, long count, Func<long, long> from)
    {
        bool vector = IsVector(stored);
        long rows = RowsOf(stored), matrices = (vector ? stored.Rows * stored.Columns : stored.Rows) / rows;
        int rowBytes = checked((int)stored.BlockFormat.RowBytes(vector ? 1 : stored.Columns));
        long[] shape = vector ? [count, .. stored.Shape.Skip(1)] : [stored.Columns, count, .. stored.Shape.Skip(2)];
        return Computed.Tensor(stored.Name, stored.BlockFormat, shape, memory =>
        {
            Region source = stored.Bytes();
            for (long row = 0; row < matrices * count; row++)
            {
                (long matrix, long within) = long.DivRem(row, count);
                source.Slice(((matrix * rows) + from(within)) * rowBytes, rowBytes).CopyTo(memory.Slice(row * rowBytes, rowBytes));
            }
        });
    }

    private static StoredTensor From(StoredTensor stored, long first) => RowsOf(stored) > first && first >= 0
        ? Chosen(stored, RowsOf(stored) - first, row => row + first)
        : throw new InvalidDataException($"Tensor '{stored.Name}' has {RowsOf(stored)} rows; expected more than {first}, which no token has.");

    private static StoredTensor Mapped(StoredTensor stored, long[] shape, Func<float, long, float> map) => Computed.Tensor(stored.Name, BlockFormats.Named("F32"), shape, memory =>
    {
        float[] values = stored.Values();
        for (int i = 0; i < values.Length; i++)
            BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), map(values[i], i));
    });

    private static StoredTensor Reshaped(StoredTensor stored, long[] shape) => new(stored.Name, stored.BlockFormat, shape, stored.Bytes);

    /// <summary>Where a row of all queries, keys and values lies among the groups.</summary>
    private static long Grouped(ModelShape shape, long row)
    {
        int shared = shape.Heads / shape.KeyValueHeads;
        (long head, long within) = long.DivRem(row, shape.HeadSize);
        long key = head - shape.Heads, value = key - shape.KeyValueHeads;
        long place = value >= 0 ? (value * (shared + 2)) + shared + 1 : key >= 0 ? (key * (shared + 2)) + shared : (head / shared * (shared + 2)) + (head % shared);
        return (place * shape.HeadSize) + within;
    }

    private static void CheckGroups(StoredTensor stored, ModelShape shape)
    {
        long expected = (shape.Heads + (2L * shape.KeyValueHeads)) * shape.HeadSize;
        if (RowsOf(stored) != expected)
            throw new InvalidDataException($"Tensor '{stored.Name}' has {RowsOf(stored)} rows; {shape.Heads} queries, {shape.KeyValueHeads} keys and as many values of {shape.HeadSize} take {expected}.");
    }

    private static bool IsVector(StoredTensor stored) => stored.Shape.Count == 1 || stored.Name.EndsWith(".bias", StringComparison.Ordinal);

    private static long RowsOf(StoredTensor stored) => IsVector(stored) ? stored.Columns : stored.Shape[1];

    private static long EvenRows(StoredTensor stored) => RowsOf(stored) % 2 == 0
        ? RowsOf(stored)
        : throw new InvalidDataException($"Tensor '{stored.Name}' has {RowsOf(stored)} rows; expected an even number, half of them gates.");
}
