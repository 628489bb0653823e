using System.Globalization;
using System.Runtime.InteropServices;
using Thimble.Compute.Formats;

namespace Thimble.Tests.Compute.Formats;

/// <summary>The blocks that ggml wrote for one input, and what it read back.</summary>
internal static class GgmlBlocks
{
    /// <summary>The values that were stored, 2,048 of them.</summary>
    public static float[] Input { get; } = Floats("input.f32");

    /// <summary>How much an error at each value matters.</summary>
    public static float[] Importance { get; } = Floats("importance.f32");

    /// <summary>One row of the table of errors: a format, with importance or without.</summary>
    public sealed record Row(string Name, int GgufType, int BlockLength, int Bytes, bool Weighted, double Error)
    {
        /// <summary>The blocks.</summary>
        public byte[] Blocks => File.ReadAllBytes(Golden.Path($"ggml-blocks/{Name}{(Weighted ? ".weighted" : "")}.bin"));

        /// <summary>What ggml decodes them to.</summary>
        public float[] Values => Floats($"{Name}{(Weighted ? ".weighted" : "")}.f32");

        public override string ToString() => $"{Name}{(Weighted ? " by importance" : "")}";
    }

    /// <summary>The table of errors.</summary>
    public static IReadOnlyList<Row> Table { get; } = [.. File.ReadAllLines(Golden.Path("ggml-blocks/table.csv")).Select(Parse)];

    /// <summary>The row that prints so.</summary>
    public static Row Find(string row) => Table.Single(candidate => candidate.ToString() == row);

    /// <summary>The format, which its name finds whatever its case.</summary>
    public static BlockFormat Format(string name) => BlockFormats.Named(name);

    /// <summary>Stores the input and reads it back.</summary>
    public static float[] RoundTrip(BlockFormat format, bool weighted) => RoundTrip(format, Input, weighted ? Importance : []);

    /// <summary>Stores values and reads them back.</summary>
    public static float[] RoundTrip(BlockFormat format, ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        byte[] blocks = new byte[format.RowBytes(values.Length)];
        float[] decoded = new float[values.Length];
        format.Encode(values, importance, blocks);
        format.Decode(blocks, decoded);
        return decoded;
    }

    /// <summary><c>Σ w (x − y)² / Σ w x²</c>.</summary>
    public static double Error(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> w)
    {
        double error = 0, all = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double weight = w.IsEmpty ? 1 : w[i];
            error += weight * ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
            all += weight * x[i] * (double)x[i];
        }

        return error / all;
    }

    private static float[] Floats(string name) => [.. MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Golden.Path("ggml-blocks/" + name)))];

    private static Row Parse(string line)
    {
        string[] cells = line.Split(',');
        return new(cells[0], Whole(cells[1]), Whole(cells[3]), Whole(cells[4]), cells[5] == "importance", double.Parse(cells[6], CultureInfo.InvariantCulture));
    }

    private static int Whole(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
}
