using Thimble.Scheduling;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Library.Scheduling;

/// <summary>What requests beside one another may expect of the engine: to end when they should, and to be told apart.</summary>
public class EngineFairnessTests
{
    private static readonly GenerationOptions s_greedy = new() { MaxTokens = 24, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
    private static readonly string s_long = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog. ", 20));

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_is_cancelled_has_no_row_in_the_next_step(bool writes)
    {
        using var model = Model.OpenDefault(new() { PrefillChunk = 16, MixedChunk = 16, PrefixTokens = 0 });
        bool inTime = false;
        for (int i = 0; i < 50 && !inTime; i++)   // a busy machine may let this thread come too late
            inTime = await CancelAsync(model, writes);
        Assert.True(inTime, "It was done before it could be cancelled, every time.");
    }

    [Fact]
    public async Task A_deadline_ends_who_waits_who_reads_and_who_writes()
    {
        using var model = Model.OpenDefault(new() { PrefillChunk = 16, MixedChunk = 16, MaxSequences = 2 });
        GenerationOptions late = s_greedy with { MaxTokens = null, Deadline = TimeSpan.FromMilliseconds(30) };
        Generation[] all = [.. ((string[])["Once", s_long, "The dog", "A cat"]).Select(prompt => model.Generate(prompt, late))];
        string[] texts = await Task.WhenAll(all.Select(generation => generation.TextAsync()));
        Assert.All(all, generation => Assert.Contains(generation.FinishReason, (FinishReason[])[FinishReason.Deadline, FinishReason.ContextFull]));
        Assert.Equal(await model.Generate("Once", s_greedy with { MaxTokens = 4 }).TextAsync(), await model.Generate("Once", s_greedy with { MaxTokens = 4 }).TextAsync());
    }

    [Fact]
    public async Task Adapters_samplers_and_formats_of_each_request_meet_in_one_batch()
    {
        using var model = Model.OpenDefault();
        using var folder = new TemporaryFolder();
        using Adapter adapter = model.LoadAdapter(new TinyAdapter(model.File).Change(3, "ffn_").Write(folder["a.gguf"]));
        GenerationOptions[] uses =
        [
            s_greedy, s_greedy with { Sampling = new() { Seed = 4 } }, s_greedy with { Adapters = [new(adapter)] }, s_greedy with { Sampling = new() { Seed = 4 }, Adapters = [new(adapter, 0.5f)] },
            s_greedy with { Format = OutputFormat.Regex("[0-9]{3} [a-z]{4}"), Sampling = new() { Seed = 4 } }, s_greedy with { Tenant = "b", Priority = 2, TopLogProbabilities = 3 },
        ];
        List<string> alone = [];
        foreach (GenerationOptions use in uses)
            alone.Add(await model.Generate("The dog", use).TextAsync());
        Assert.Equal(alone, await Task.WhenAll(uses.Select(use => model.Generate("The dog", use).TextAsync())));
        Assert.Equal(5, alone.Distinct().Count());   // the last one is greedy, too
    }

    [Fact]
    public async Task What_another_tenant_has_read_makes_no_prompt_shorter()
    {
        using var model = Model.OpenDefault();
        await model.Generate(s_long + "It", s_greedy with { Tenant = "a", MaxTokens = 1 }).TextAsync();
        EngineStatistics before = model.Engine.Statistics;
        Generation[] others = [.. ((string[])["b", "c"]).Select(tenant => model.Generate(s_long + "It", s_greedy with { Tenant = tenant, MaxTokens = 1 }))];
        await Task.WhenAll(others.Select(other => other.TextAsync()));
        model.Engine.Use(static _ => { });
        // Every row of both prompts was computed: what others have read cannot be told from the time it takes.
        Assert.Equal(others.Sum(other => other.PromptTokens), model.Engine.Statistics.PromptTokens - before.PromptTokens);
        Assert.All(others, other => Assert.Equal(0, other.CachedTokens));
    }

    [Fact]
    public async Task A_request_of_higher_priority_is_answered_before_those_that_came_first()
    {
        using var model = Model.OpenDefault(new() { MaxSequences = 1 });
        List<int> ended = [];
        Task[] low = [.. Enumerable.Range(0, 3).Select(i => NoteAsync(i, 0))];
        await Task.WhenAll([.. low, NoteAsync(9, 5)]);
        Assert.NotEqual(9, ended[^1]);

        async Task NoteAsync(int number, int priority)
        {
            await model.Generate("Once", s_greedy with { MaxTokens = 60, Priority = priority }).TextAsync();
            lock (ended)
                ended.Add(number);
        }
    }

    /// <summary>Cancels a text between two steps, and checks that nothing more is computed for it.</summary>
    /// <returns>Whether it was still being read, or written, when that was done.</returns>
    private static async Task<bool> CancelAsync(Model model, bool writes)
    {
        long before = model.Engine.Statistics.Steps, read = model.Engine.Statistics.PromptTokens;
        Generation running = model.Generate(writes ? "Once" : s_long, s_greedy with { MaxTokens = 200 });
        while (model.Engine.Statistics.Steps < before + 2)
            await Task.Yield();
        EngineStatistics then = default;
        model.Engine.Use(_ =>
        {
            running.Cancel();
            then = model.Engine.Statistics;
        });
        await running.TextAsync();
        model.Engine.Use(static _ => { });
        EngineStatistics now = model.Engine.Statistics;
        if (running.FinishReason != FinishReason.Cancelled || (!writes && then.PromptTokens - read >= running.PromptTokens))
            return false;
        Assert.Equal((then.Steps, then.PromptTokens), (now.Steps, now.PromptTokens));
        return true;
    }
}
