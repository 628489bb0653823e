using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Memory;

/// <summary>A matrix of weights in any format, and the multiplier that was found best for it when it was opened.</summary>
internal sealed class Weight : IDisposable
{
    private readonly Region _blocks;
    private readonly int _rowBytes;

    /// <summary>Opens a matrix.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="format">Its number format.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs, a whole number of blocks.</param>
    /// <param name="blocks">Its bytes, row after row, each the format's bytes for <paramref name="columns"/> values.</param>
    /// <param name="opening">What activations are rounded to, and whether rows are packed.</param>
    /// <exception cref="InvalidDataException">The bytes are not as many as the shape says.</exception>
    public Weight(string name, BlockFormat format, int rows, int columns, Region blocks, Opening opening)
    {
        (Name, Format, Rows, Columns, _blocks) = (name, format, rows, columns, blocks);
        _rowBytes = checked((int)format.RowBytes(columns));
        if (blocks.Length != (long)rows * _rowBytes)
            throw new InvalidDataException($"Tensor '{name}' has {blocks.Length} bytes; {rows}×{columns} in {format} takes {(long)rows * _rowBytes}.");

        Multiplier = Multipliers.For(this, opening);
    }

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>Its number format.</summary>
    public BlockFormat Format { get; }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <summary>Inputs.</summary>
    public int Columns { get; }

    /// <summary>Bytes that a product reads.</summary>
    public long Bytes => Multiplier.Bytes > 0 ? Multiplier.Bytes : _blocks.Length;

    /// <summary>Who multiplies it.</summary>
    public Multiplier Multiplier { get; }

    /// <summary>Whether its multiplier wants activations in bytes.</summary>
    public bool TakesBytes => Multiplier.TakesBytes;

    /// <summary>The stored bytes.</summary>
    public Region Blocks => _blocks;

    /// <summary>Stored bytes of one row.</summary>
    public int RowBytes => _rowBytes;

    /// <summary>One row as stored.</summary>
    public unsafe ReadOnlySpan<byte> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        return new(_blocks.Start + ((long)row * _rowBytes), _rowBytes);
    }

    /// <summary>Rows of 32-bit floats as stored, shape [count · <see cref="Columns"/>].</summary>
    public unsafe ReadOnlySpan<float> Floats(int row, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(row + count), (uint)Rows);
        return new(_blocks.Start + ((long)row * _rowBytes), count * Columns);
    }

    /// <summary>All 32-bit floats as stored, to be changed: only of a weight whose bytes lie in memory of our own, not packed.</summary>
    public unsafe Span<float> Changeable() => new(_blocks.Start, checked(Rows * Columns));

    /// <summary>One row's values.</summary>
    /// <param name="row">In [0, <see cref="Rows"/>).</param>
    /// <param name="values">Receives them, shape [<see cref="Columns"/>].</param>
    public void Decode(int row, Span<float> values) =>
        Format.Decode(Row(row), values[..Columns]);

    /// <summary>Multiplies token vectors: <c>y = x · Wᵀ</c>.</summary>
    /// <param name="x">Shape [tokens, <see cref="Columns"/>], in bytes too if <see cref="TakesBytes"/>.</param>
    /// <param name="y">Receives the products, shape [tokens, ≥ column + <see cref="Rows"/>].</param>
    /// <param name="team">Shares the rows.</param>
    /// <param name="column">Where in a row of <paramref name="y"/> the products begin.</param>
    /// <remarks>
    /// <para>Accuracy: with <see cref="Precision.Bytes"/> x is rounded to 8 bits in groups of 32 first. A product depends on
    /// its weight row and its token only, never on how many tokens or threads take part.</para>
    /// <para>Cost: 2 · tokens · Rows · Columns operations and one read of the matrix.</para>
    /// </remarks>
    public void Multiply(in Activations x, Matrix y, Team team, int column = 0) => new Products([this], x, y, column).Run(team);

    /// <summary>Frees the multiplier's memory; the stored bytes are their file's.</summary>
    public void Dispose() => Multiplier.Dispose();
}
