using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Thimble.Models.Blocks;

/// <summary>Vectors that stand in a text where tokens do, such as what an encoder made of an image.</summary>
/// <remarks>Each row has an id below 0, made from what all rows hold and from its place, so that whoever compares texts by their ids
/// never takes an image for a token, nor one image for another.</remarks>
internal sealed class GivenRows
{
    private readonly float[] _vectors;
    private readonly int[] _ids;

    /// <summary>Rows of vectors.</summary>
    /// <param name="vectors">Shape [rows, 1 + deeper, width], at least one row.</param>
    /// <param name="width">Features of a vector.</param>
    /// <param name="grid">How they lie side by side, for models that turn by height and width; null for a line.</param>
    /// <param name="seeOneAnother">Whether each sees all others, not only those before it.</param>
    /// <param name="keys">What attention keeps of them in place of what it would compute; null for what it computes.</param>
    /// <param name="deeper">Further vectors of each row, of which the first is added to what the first layer makes of it, and so on.</param>
    /// <exception cref="ArgumentException">They are no rows of this width, or the grid has another number of cells.</exception>
    public GivenRows(float[] vectors, int width, GivenGrid? grid = null, bool seeOneAnother = false, GivenKeys? keys = null, int deeper = 0)
    {
        int whole = (1 + deeper) * width;
        if (vectors.Length == 0 || width < 1 || deeper < 0 || vectors.Length % whole != 0)
            throw new ArgumentException($"There are {vectors.Length} values; expected at least one row of {whole}.", nameof(vectors));
        if (grid is { } shape && (long)shape.Rows * shape.Columns != vectors.Length / whole)
            throw new ArgumentException($"A grid of {shape.Rows}×{shape.Columns} does not hold {vectors.Length / whole} rows.", nameof(grid));

        (_vectors, Width, Grid, SeeOneAnother, Keys, Deeper) = (vectors, width, grid, seeOneAnother, keys, deeper);
        _ids = Named();
    }

    /// <summary>Rows.</summary>
    public int Count => _ids.Length;

    /// <summary>Features of a row.</summary>
    public int Width { get; }

    /// <summary>How they lie side by side; null for a line.</summary>
    public GivenGrid? Grid { get; }

    /// <summary>Whether each sees all others, not only those before it.</summary>
    public bool SeeOneAnother { get; }

    /// <summary>What attention keeps of them in place of what it would compute; null for what it computes.</summary>
    public GivenKeys? Keys { get; }

    /// <summary>Further vectors of each row: one for each of the first layers, which adds it to what it makes of the row.</summary>
    /// <remarks>Source: Meng et al., "DeepStack: Deeply Stacking Visual Tokens is Surprisingly Simple and Effective for LMMs", 2024, section 3.</remarks>
    public int Deeper { get; }

    /// <summary>What stands for them among token ids, all below 0, shape [rows].</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>One vector, shape [<see cref="Width"/>].</summary>
    public ReadOnlySpan<float> this[int row] => _vectors.AsSpan(row * (1 + Deeper) * Width, Width);

    /// <summary>What is added to the outcome of a layer, shape [<see cref="Width"/>].</summary>
    /// <param name="row">The row.</param>
    /// <param name="layer">The layer, below <see cref="Deeper"/>.</param>
    public ReadOnlySpan<float> After(int row, int layer) => _vectors.AsSpan(((row * (1 + Deeper)) + 1 + layer) * Width, Width);

    /// <summary>Positions that they take up in a text: a grid counts only its longer side.</summary>
    public int Span => Grid is { } grid ? Math.Max(grid.Rows, grid.Columns) : Count;

    /// <summary>Where a row lies, counted from the position of the first.</summary>
    public (int Time, int Height, int Width) Place(int row) => Grid is { } grid
        ? (0, row / grid.Columns, row % grid.Columns)
        : (row, row, row);

    private int[] Named()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_vectors.AsSpan()));
        Keys?.AppendTo(hash);
        hash.AppendData(MemoryMarshal.AsBytes<int>([Width, Grid?.Rows ?? 0, Grid?.Columns ?? 0, SeeOneAnother ? 1 : 0, Deeper]));
        Span<byte> named = stackalloc byte[SHA256.HashSizeInBytes + sizeof(int)];
        hash.GetHashAndReset(named);
        int[] ids = new int[_vectors.Length / ((1 + Deeper) * Width)];
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        for (int row = 0; row < ids.Length; row++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(named[SHA256.HashSizeInBytes..], row);
            SHA256.HashData(named, id);
            ids[row] = BinaryPrimitives.ReadInt32LittleEndian(id) | int.MinValue;
        }

        return ids;
    }
}

/// <summary>Rows of vectors that lie side by side, line after line.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Vectors in a line.</param>
internal readonly record struct GivenGrid(int Rows, int Columns);
