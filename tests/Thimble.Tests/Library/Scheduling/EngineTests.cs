using Thimble.Scheduling;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Library.Scheduling;

public class EngineTests
{
    private static readonly GenerationOptions s_greedy = new() { MaxTokens = 24, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
    private static readonly string s_long = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog. ", 20));

    [Fact]
    public async Task A_known_beginning_is_not_computed_again_and_the_text_is_the_same()
    {
        using Model model = Model.OpenDefault(), fresh = Model.OpenDefault(new() { PrefixTokens = 0 });
        await model.Generate(s_long + "It", s_greedy).TextAsync();
        Generation again = model.Generate(s_long + "The dog", s_greedy);
        Assert.Equal(await fresh.Generate(s_long + "The dog", s_greedy).TextAsync(), await again.TextAsync());
        int shared = model.Tokenizer.Encode(s_long + "It").AsSpan().CommonPrefixLength(model.Tokenizer.Encode(s_long + "The dog"));
        Assert.InRange(again.CachedTokens, shared - 7, shared);   // a few tokens are not worth copying a page
        Assert.Equal(again.CachedTokens, model.Engine.Statistics.SavedTokens);
        Assert.Equal(again.PromptTokens, model.Tokenizer.Encode(s_long + "The dog").Length);
    }

    [Fact]
    public async Task Another_tenant_finds_nothing_unless_the_beginning_is_public()
    {
        using var model = Model.OpenDefault();
        await model.Generate(s_long, s_greedy with { Tenant = "a" }).TextAsync();
        Generation other = model.Generate(s_long, s_greedy with { Tenant = "b" });
        await other.TextAsync();
        Assert.Equal(0, other.CachedTokens);
        model.SharePrefix(s_long);
        await model.Generate(s_long, s_greedy with { Tenant = "a" }).TextAsync();
        Generation third = model.Generate(s_long, s_greedy with { Tenant = "c" });
        await third.TextAsync();
        Assert.Equal(third.PromptTokens / 64 * 64, third.CachedTokens);
    }

    [Fact]
    public async Task Requests_that_fit_alone_all_end_in_a_small_cache_with_the_text_they_have_alone()
    {
        using Model small = Model.OpenDefault(new() { CacheTokens = 256 }), large = Model.OpenDefault();
        GenerationOptions options = s_greedy with { MaxTokens = 150, Sampling = new() { Seed = 4 } };
        string[] prompts = ["Once", "The dog", "A cat", "One day a boy"];
        string[] together = await Task.WhenAll(prompts.Select(prompt => small.Generate(prompt, options).TextAsync()));
        Assert.True(small.Engine.Statistics.Preemptions > 0);
        for (int i = 0; i < prompts.Length; i++)
            Assert.Equal(await large.Generate(prompts[i], options).TextAsync(), together[i]);
    }

    [Fact]
    public async Task Idle_sessions_give_way_and_go_on_later()
    {
        using Model small = Model.OpenDefault(new() { CacheTokens = 256, PrefixTokens = 0 }), large = Model.OpenDefault();
        using Session idle = small.CreateSession(), same = large.CreateSession();
        Assert.Equal(await same.Generate(s_long[..400], s_greedy).TextAsync(), await idle.Generate(s_long[..400], s_greedy).TextAsync());
        await small.Generate("The", s_greedy with { MaxTokens = 220 }).TextAsync();
        Assert.Equal(await same.Generate(" Then", s_greedy).TextAsync(), await idle.Generate(" Then", s_greedy).TextAsync());
    }

    [Fact]
    public async Task A_fault_in_one_request_leaves_the_others_as_they_were()
    {
        using var model = Model.OpenDefault();
        using var folder = new TemporaryFolder();
        using Adapter broken = model.LoadAdapter(new TinyAdapter(model.File).Change(3, "ffn_").Write(folder["huge.gguf"]));
        string[] prompts = ["Once upon a time", "The dog", "A cat"];
        List<string> alone = [];
        foreach (string prompt in prompts)
            alone.Add(await model.Generate(prompt, s_greedy).TextAsync());
        Task<string>[] beside = [.. prompts.Select(prompt => model.Generate(prompt, s_greedy).TextAsync())];
        Task<string> bad = model.Generate("Once", s_greedy with { Adapters = [new(broken, 1e38f)] }).TextAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => bad);
        Assert.Equal(alone, await Task.WhenAll(beside));
    }

    [Fact]
    public async Task Recurrent_models_go_on_from_known_beginnings_too()
    {
        string path = Golden.Path("ple-tinystories-int4/lstm-c3M-s0.bin");
        using Model model = Model.Open(path), fresh = Model.Open(path, new() { PrefixTokens = 0 });
        await model.Generate(s_long[..500] + "It", s_greedy).TextAsync();
        Generation again = model.Generate(s_long[..500] + "The dog", s_greedy);
        Assert.Equal(await fresh.Generate(s_long[..500] + "The dog", s_greedy).TextAsync(), await again.TextAsync());
        Assert.InRange(again.CachedTokens, 64, again.PromptTokens);
        Assert.Equal(0, again.CachedTokens % 64);
    }

    [Fact]
    public async Task Many_that_choose_at_the_same_time_choose_as_each_alone()
    {
        using Model alone = Model.OpenDefault(new() { Threads = 1 }), together = Model.OpenDefault(new() { Threads = 3 });
        string[] prompts = [.. Enumerable.Range(0, 16).Select(i => $"{i} cats and a dog")];
        GenerationOptions options = s_greedy with { MaxTokens = 12, Sampling = new() { Seed = 9 }, TopLogProbabilities = 2 };
        string[] texts = await Task.WhenAll(prompts.Select(prompt => together.Generate(prompt, options).TextAsync()));
        Assert.True(prompts.Length * together.VocabularySize > 1 << 15, "Too little to choose from for several threads.");
        for (int i = 0; i < prompts.Length; i++)
            Assert.Equal(await alone.Generate(prompts[i], options).TextAsync(), texts[i]);
    }

    [Fact]
    public async Task Statistics_tell_what_was_done()
    {
        using var model = Model.OpenDefault();
        Generation one = model.Generate("Once upon a time", s_greedy);
        await one.TextAsync();
        model.Engine.Use(static _ => { });
        EngineStatistics told = model.Engine.Statistics;
        Assert.Equal((one.PromptTokens, 23), (told.PromptTokens, told.WrittenTokens));
        Assert.Equal((24, 1, 0), (told.Steps, told.PrefixLookups, told.Queued));
        Assert.True(told.Time > told.Overhead && told.UsedPages > 0 && told.FreePages > 0);
    }
}
