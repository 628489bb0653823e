using System.Diagnostics;
using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>How fast text becomes tokens, on one core.</summary>
internal static class TokenizerBench
{
    /// <summary>Prints the loading time and the speed of a tokenizer.</summary>
    /// <param name="metadata">The tokenizer's metadata.</param>
    /// <param name="text">What to encode; a few megabytes.</param>
    public static void Run(Metadata metadata, string text)
    {
        var clock = Stopwatch.StartNew();
        var tokenizer = Tokenizer.From(metadata);
        Console.WriteLine($"loading      {clock.Elapsed.TotalMilliseconds,8:F0} ms for {tokenizer.VocabularySize} tokens");

        double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        var ids = new List<int>();
        Measure("encoding", megabytes, () =>
        {
            ids.Clear();
            tokenizer.Encode(text, ids);
        });
        int[] all = [.. ids];
        Console.WriteLine($"             {1e6 * megabytes / all.Length,8:F2} bytes a token");
        Measure("decoding", megabytes, () => tokenizer.Decode(all));
        Measure("streaming", megabytes, () =>
        {
            var stream = new Detokenizer(tokenizer);
            foreach (int id in all)
                stream.Push(id);
        });

        string run = new('a', 1_000_000);
        Measure("a×1000000", 1, () => tokenizer.Encode(run), times: 2);
    }

    private static void Measure(string what, double megabytes, Action work, int times = 5)
    {
        double best = double.MaxValue;
        for (int i = 0; i < times; i++)
        {
            var clock = Stopwatch.StartNew();
            work();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        Console.WriteLine($"{what,-12} {megabytes / best,8:F1} MB/s");
    }
}
