namespace Thimble.Bench;

/// <summary>A model writing alone: time to first token, prompt and decode speed, managed bytes for a token.</summary>
internal static class GenerateBench
{
    public static async Task Run(string[] args)
    {
        foreach (int threads in (int[])[1, 2])
        {
            ModelOptions options = new() { Threads = threads };
            using Model model = args.Length > 0 ? Model.Open(args[0], options) : Model.OpenDefault(options);
            List<GenerationTimings> timings = [];
            for (int i = 0; i < 9; i++)
            {
                var generation = model.Generate("Once upon a time", new() { MaxTokens = 256, IgnoreEnd = true, Sampling = new() { Seed = 7 } });
                string text = await generation.TextAsync();
                if (i > 0)
                    timings.Add(generation.Timings);
                else if (threads == 1)
                    Console.WriteLine(text);
            }

            double[] decode = [.. timings.Select(timing => timing.DecodeTokensPerSecond).Order()];
            Console.WriteLine(
                $"{threads} threads: load {model.LoadTime.TotalMilliseconds:F1} ms, first token {timings.Min(timing => timing.FirstToken.TotalMilliseconds):F2} ms, " +
                $"decode {decode[0]:F0} / {decode[decode.Length / 2]:F0} / {decode[^1]:F0} tokens/s (min / median / max), " +
                $"{timings[0].BytesPerToken / 1e6:F2} MB a token, {decode[decode.Length / 2] * timings[0].BytesPerToken / 1e9:F1} GB/s, " +
                $"{await Allocated(model)} managed bytes over 150 tokens");
        }
    }

    /// <summary>What the whole process allocates while tokens 100 to 250 are read, all texts known.</summary>
    private static async Task<long> Allocated(Model model)
    {
        Generation running = model.Generate("Once upon a time", new() { MaxTokens = 256, IgnoreEnd = true, Sampling = new() { Seed = 7 } });
        long before = 0, after = 0;
        for (int seen = 1; await running.MoveNextAsync(); seen++)
        {
            if (seen == 100)
                before = GC.GetTotalAllocatedBytes(precise: true);
            if (seen == 250)
                after = GC.GetTotalAllocatedBytes(precise: true);
        }

        await running.DisposeAsync();
        return after - before;
    }
}
