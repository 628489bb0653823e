using Thimble.Compute.Formats;

namespace Thimble.Peers.Files;

/// <summary>Random weights at the speed of a copy: some blocks are encoded, and every row is made of picks among them.</summary>
/// <remarks>Rows differ, so that no two scores tie; the numbers are as random as the picks.</remarks>
internal sealed class BlockPool
{
    private const int Blocks = 2048;   // a power of two

    private readonly byte[] _encoded;
    private readonly int _bytes;

    /// <param name="format">How the weights are stored.</param>
    /// <param name="columns">Weights of a row; their standard deviation is its inverse square root.</param>
    public BlockPool(BlockFormat format, int columns)
    {
        int length = Math.Max(32, format.BlockLength), blocks = length / format.BlockLength;
        var random = new Random(columns);
        float[] values = new float[Blocks * length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(Normal(random) / Math.Sqrt(columns));
        (Format, Length, _bytes) = (format, length, blocks * format.BlockBytes);
        _encoded = new byte[Blocks * _bytes];
        format.Encode(values, [], _encoded);
    }

    /// <summary>How the weights are stored.</summary>
    public BlockFormat Format { get; }

    /// <summary>Weights of a pick.</summary>
    public int Length { get; }

    /// <summary>Fills whole rows.</summary>
    /// <param name="seed">What the picks depend on, besides the row.</param>
    /// <param name="firstRow">The first row's number.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="rows">Receives them.</param>
    public void Fill(ulong seed, long firstRow, int rowBytes, Span<byte> rows)
    {
        for (int at = 0; at < rows.Length; at += rowBytes, firstRow++)
        {
            ulong state = (seed + (ulong)firstRow + 1) * 0x9E3779B97F4A7C15;
            for (int i = 0; i < rowBytes; i += _bytes)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                _encoded.AsSpan((int)(state >> 40 & (Blocks - 1)) * _bytes, _bytes).CopyTo(rows.Slice(at + i, _bytes));
            }
        }
    }

    /// <summary>A normal number.</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
