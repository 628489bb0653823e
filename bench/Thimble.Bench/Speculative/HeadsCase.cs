using System.Diagnostics;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;

namespace Thimble.Bench;

/// <summary>Trains Medusa heads on texts that the model itself writes.</summary>
internal static class HeadsCase
{
    /// <summary>Trains and writes them.</summary>
    /// <param name="target">The model.</param>
    /// <param name="output">A safetensors file.</param>
    /// <param name="count">Texts.</param>
    public static void Run(string target, string output, int count)
    {
        using var file = ModelFile.Open(target);
        var tokenizer = Tokenizer.From(file.Metadata);
        using var team = new Team(Cores.Best, pinned: true);
        var decoder = Models.Architectures.Architectures.Build(new Models.Architectures.Blueprint(file, new Compute.Memory.Opening(Compute.Memory.Precision.Bytes, team)) { Context = 512 });
        using var scribe = new Scribe(decoder, team, 512);
        long start = Stopwatch.GetTimestamp();
        int[][] texts = [.. Prompts.Stories(count).Reverse().Select((prompt, i) =>
        {
            int[] text = tokenizer.Encode(prompt);
            return (int[])[.. text, .. scribe.Write(text, 120, i % 2 == 0 ? SamplingOptions.Greedy : new() { Seed = (ulong)i })];
        })];
        Console.WriteLine($"{texts.Sum(text => text.Length)} tokens written in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        using var training = new MedusaTraining(decoder, heads: 4, team);
        foreach (int[] text in texts)
            training.Read(text);
        for (int epoch = 1; epoch <= 6; epoch++)
        {
            IReadOnlyList<(double Loss, double Right)> heads = training.Epoch(rate: epoch < 4 ? 1e-3f : 3e-4f);
            Console.WriteLine($"epoch {epoch}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {string.Join("; ", heads.Select((head, i) => $"head {i + 1} loss {head.Loss:F2} right {head.Right:P0}"))}");
        }

        training.Save(output);
    }
}
