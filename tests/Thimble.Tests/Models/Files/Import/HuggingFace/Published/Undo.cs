using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A tensor as a folder has it: slowest dimension first.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its values.</param>
internal sealed record Published(long[] Shape, float[] Values);

/// <summary>Ways back from GGUF's tensors to those of a folder, told from what the models' own code does with them.</summary>
internal static class Undo
{
    private const int Heads = 4;

    /// <summary>As it is.</summary>
    public static Published Nothing(StoredTensor[] parts) => new([.. parts[0].Shape.Reverse()], parts[0].Values());

    /// <summary>Rows of heads for a rotation by halves.</summary>
    public static Func<StoredTensor[], Published> Paired(int heads) => parts => Rows(parts[0], rows => [.. rows.Chunk(rows.Length / heads)
        .SelectMany(head => head.Where((_, i) => i % 2 == 0).Concat(head.Where((_, i) => i % 2 == 1)))]);

    public static Published LessOne(StoredTensor[] parts) => parts[0].Name.EndsWith(".bias", StringComparison.Ordinal)
        ? Nothing(parts)
        : new([.. parts[0].Shape.Reverse()], [.. parts[0].Values().Select(value => value - 1)]);

    /// <summary>Rates as logarithms; a column becomes a vector.</summary>
    public static Published Logarithms(StoredTensor[] parts) =>
        new(parts[0].Columns == 1 ? [parts[0].Rows] : [.. parts[0].Shape.Reverse()], [.. parts[0].Values().Select(value => MathF.Log(-value))]);

    /// <summary>A column, or the parts of a norm, as a vector.</summary>
    public static Published Vector(StoredTensor[] parts) => new([parts[0].Columns * parts[0].Rows], parts[0].Values());

    /// <summary>With dimensions of one element before the last.</summary>
    public static Published Deep(StoredTensor[] parts) => new([1, 1, parts[0].Columns], parts[0].Values());

    /// <summary>The taps of each channel, in the channel's only input.</summary>
    public static Published Taps(StoredTensor[] parts) => parts[0].Shape.Count == 1 ? Nothing(parts) : new([parts[0].Rows, 1, parts[0].Columns], parts[0].Values());

    /// <summary>Turned, each of several.</summary>
    public static Published Turned(StoredTensor[] parts) => Turned(Nothing(parts));

    /// <summary>Gates above what they gate.</summary>
    public static Published Halves(StoredTensor[] parts) => Joined(parts, (a, b) => [.. a, .. b]);

    /// <summary>Gates and what they gate taking turns.</summary>
    public static Published Alternating(StoredTensor[] parts) => Joined(parts, (a, b) => [.. a.Zip(b).SelectMany(pair => new[] { pair.First, pair.Second })]);

    public static Published TurnedHalves(StoredTensor[] parts) => Turned(Halves(parts));

    public static Published TurnedAlternating(StoredTensor[] parts) => Turned(Alternating(parts));

    /// <summary>Times a factor.</summary>
    public static Func<StoredTensor[], Published> Divided(params float[] factors) => parts =>
        new([.. parts[0].Shape.Reverse()], [.. parts[0].Values().Select(value => factors.Aggregate(value, (quotient, factor) => quotient / factor))]);

    /// <summary>With rows before all others.</summary>
    public static Func<StoredTensor[], Published> After(int rows) => parts => new([parts[0].Rows + rows, parts[0].Columns], [.. new float[rows * parts[0].Columns], .. parts[0].Values()]);

    /// <summary>All queries, keys and values, in one tensor or three, as groups of heads.</summary>
    /// <param name="keyHeads">Groups.</param>
    /// <param name="paired">Whether queries and keys are for adjacent pairs in GGUF.</param>
    public static Func<StoredTensor[], Published> Grouped(int keyHeads, bool paired) => parts =>
    {
        float[][] rows = [.. parts.SelectMany(part => part.Values().Chunk(part.Shape.Count == 1 ? 1 : (int)part.Columns))];
        int size = rows.Length / (Heads + (2 * keyHeads)), shared = Heads / keyHeads;
        float[][][] heads = [.. rows.Chunk(size).Select((head, at) => paired && at < Heads + keyHeads
            ? (float[][])[.. head.Where((_, i) => i % 2 == 0), .. head.Where((_, i) => i % 2 == 1)]
            : head)];
        float[] values = [.. Enumerable.Range(0, keyHeads).SelectMany(group => heads[(group * shared)..((group + 1) * shared)]
            .Append(heads[Heads + group]).Append(heads[Heads + keyHeads + group])).SelectMany(head => head).SelectMany(row => row)];
        return new(parts[0].Shape.Count == 1 ? [rows.Length] : [rows.Length, parts[0].Columns], values);
    };

    private static Published Rows(StoredTensor tensor, Func<float[][], float[][]> order) => new(
        [.. tensor.Shape.Reverse()], [.. order([.. tensor.Values().Chunk(tensor.Shape.Count == 1 ? 1 : (int)tensor.Columns)]).SelectMany(row => row)]);

    private static Published Joined(StoredTensor[] parts, Func<float[][], float[][], float[][]> join)
    {
        bool bias = parts[0].Name.EndsWith(".bias", StringComparison.Ordinal);
        int columns = bias ? 1 : (int)parts[0].Columns, rows = (int)(bias ? parts[0].Columns : parts[0].Shape[1]);
        float[][][] first = [.. parts[0].Values().Chunk(columns).Chunk(rows)], second = [.. parts[1].Values().Chunk(columns).Chunk(rows)];
        long[] shape = [.. parts[0].Shape.Reverse()];
        shape[bias ? ^1 : ^2] *= 2;
        return new(shape, [.. first.Zip(second).SelectMany(pair => join(pair.First, pair.Second)).SelectMany(row => row)]);
    }

    private static Published Turned(Published tensor)
    {
        int rows = (int)tensor.Shape[^2], columns = (int)tensor.Shape[^1];
        return new([.. tensor.Shape[..^2], columns, rows], [.. tensor.Values.Chunk(rows * columns).SelectMany(matrix =>
            Enumerable.Range(0, columns).SelectMany(column => Enumerable.Range(0, rows).Select(row => matrix[(row * columns) + column])))]);
    }
}
