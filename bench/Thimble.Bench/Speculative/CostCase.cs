using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Bench;

/// <summary>What a run of k rows costs against a run of one, by format: a made-up model of more weights than any cache holds.</summary>
internal static class CostCase
{
    private const int Rounds = 9;

    private static readonly int[] s_widths = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64];

    /// <summary>Prints a table.</summary>
    public static void Run(string[] formats)
    {
        Console.WriteLine($"| format | one row, ms | weights, MB | {string.Join(" | ", s_widths.Skip(1).Select(width => $"k={width}"))} |");
        foreach (string format in formats is [] ? ["Q4_0", "Q4_K", "Q6_K", "Q8_0", "F16"] : formats)
        {
            using ModelFile file = Made(format);
            using var team = new Team(Cores.Best, pinned: true);
            Decoder decoder = Architectures.Build(new Blueprint(file, new Opening(Precision.Bytes, team)) { Context = 512 });
            using var states = new StatePool(decoder.States, 4096, CellFormat.Named("F16"));
            using var pass = new Pass(team);
            double[][] times = [.. s_widths.Select(_ => new double[Rounds])];
            for (int round = -2; round < Rounds; round++)
            {
                for (int i = 0; i < s_widths.Length; i++)
                {
                    double time = Time(decoder, states, pass, s_widths[i]);
                    if (round >= 0)
                        times[i][round] = time;
                }
            }

            double[] medians = [.. times.Select(time => time.Order().ElementAt(time.Length / 2))];
            Console.WriteLine($"| {format} | {medians[0] * 1e3:F2} | {decoder.BytesPerToken / 1e6:F0} | {string.Join(" | ", medians.Skip(1).Select(median => $"{median / medians[0]:F2}"))} |");
            foreach (Weight weight in decoder.Weights.Append(decoder.Embedding.Table))
                weight.Dispose();
        }
    }

    private static double Time(Decoder decoder, StatePool states, Pass pass, int width)
    {
        using var text = new SequenceState(states);
        pass.Clear();
        pass.Scratch.Reset();
        pass.Add(text, new int[width], width);
        long start = Stopwatch.GetTimestamp();
        decoder.Head!.Apply(pass, decoder.Forward(pass));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The shape of a model of 135 million weights, random ones, each matrix in memory of its own.</summary>
    private static ModelFile Made(string format)
    {
        string path = Path.Combine(Path.GetTempPath(), $"thimble-cost-{Environment.ProcessId}.json");
        File.WriteAllText(path, """
            { "architectures": ["LlamaForCausalLM"], "hidden_size": 768, "num_hidden_layers": 18, "num_attention_heads": 12, "num_key_value_heads": 4,
              "intermediate_size": 2048, "vocab_size": 32768, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "tie_word_embeddings": true }
            """);
        try
        {
            using ModelFile hollow = HuggingFaceConfig.Open(path, BlockFormats.Named(format));
            return new ModelFile(hollow.Path, hollow.Metadata, [.. hollow.Tensors.Select(Filled)]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static StoredTensor Filled(StoredTensor tensor) => new(tensor.Name, tensor.BlockFormat, [.. tensor.Shape], () =>
    {
        var random = new Random(tensor.Name.Length);
        float[] row = [.. Enumerable.Range(0, (int)tensor.Columns).Select(_ => (float)(random.NextDouble() - 0.5) * 0.1f)];
        int rowBytes = (int)tensor.BlockFormat.RowBytes(tensor.Columns);
        byte[] encoded = new byte[rowBytes];
        tensor.BlockFormat.Encode(row, [], encoded);
        var memory = new Allocation(tensor.Rows * rowBytes);
        for (long i = 0; i < tensor.Rows; i++)
            encoded.CopyTo(memory.Slice(i * rowBytes, rowBytes));
        return memory.Region;
    });
}
