using System.Globalization;

namespace Thimble.Bench;

/// <summary>Stories that a model tells, many at a time, as a file to train on: parted by <c>&lt;|endoftext|&gt;</c>, the same for a seed.</summary>
internal static class StoryBench
{
    private const int AtOnce = 16;

    public static async Task Run(string path, int count, ulong seed, string file)
    {
        using Model model = path == "default" ? Model.OpenDefault() : Model.Open(path);
        string?[] stories = new string?[count];
        int next = -1;
        long tokens = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var options = new GenerationOptions { MaxTokens = 400, Sampling = new SamplingOptions { Temperature = 0.8f, TopK = 0, TopP = 1, MinP = 0.02f, Seed = seed + (ulong)i } };
                Generation story = model.Generate("", options);
                string text = await story.TextAsync();
                Interlocked.Add(ref tokens, story.Timings.GeneratedTokens);
                if (story.FinishReason == FinishReason.EndOfText && text.Length > 200)   // a whole one
                    stories[i] = text.Trim();
            }
        })));
        File.WriteAllText(file, string.Concat(stories.Where(story => story is not null).Select(story => story + "\n<|endoftext|>\n")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stories.Count(story => story is not null)} whole stories of {count}, {tokens:N0} tokens"));
    }
}
