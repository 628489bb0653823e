namespace Thimble.Tests.Library;

public sealed class GenerationTests : IDisposable
{
    private static readonly GenerationOptions s_short = new() { MaxTokens = 24, IgnoreEnd = true, Sampling = new() { Seed = 11 } };

    private readonly Model _model = Model.OpenDefault();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Greedy_story_is_english()
    {
        string text = await _model.Generate("Once upon a time", s_short with { Sampling = SamplingOptions.Greedy }).TextAsync();
        Assert.StartsWith(", there was a little girl named", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_seed_gives_the_same_text_at_any_number_of_threads()
    {
        string one = await _model.Generate("The dog", s_short).TextAsync();
        foreach (int threads in (int[])[1, 3])
        {
            using var other = Model.OpenDefault(new() { Threads = threads });
            Assert.Equal(one, await other.Generate("The dog", s_short).TextAsync());
        }
    }

    [Fact]
    public async Task Same_seed_gives_the_same_text_beside_others()
    {
        string alone = await _model.Generate("The dog", s_short).TextAsync();
        Task<string>[] all = [.. Enumerable.Range(0, 6).Select(i => _model.Generate(i == 3 ? "The dog" : $"A story about {i} cats and", s_short with { MaxTokens = 24 + i, Sampling = new() { Seed = i == 3 ? 11ul : (ulong)i } }).TextAsync())];
        string[] texts = await Task.WhenAll(all);
        using var again = Model.OpenDefault();
        Assert.Equal(await again.Generate("The dog", s_short with { MaxTokens = 27 }).TextAsync(), texts[3]);
        Assert.StartsWith(alone, texts[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_computed_in_pieces_gives_the_same_text()
    {
        string prompt = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog. ", 12));
        string whole = await _model.Generate(prompt, s_short).TextAsync();
        using var pieces = Model.OpenDefault(new() { PrefillChunk = 7 });
        Assert.Equal(whole, await pieces.Generate(prompt, s_short).TextAsync());
    }

    [Fact]
    public async Task Packed_and_unpacked_weights_tell_nearly_the_same()
    {
        using var unpacked = Model.OpenDefault(new() { Packed = false });
        GenerationOptions greedy = s_short with { Sampling = SamplingOptions.Greedy };
        Assert.Equal(await _model.Generate("Once upon a time", greedy).TextAsync(), await unpacked.Generate("Once upon a time", greedy).TextAsync());
    }

    [Fact]
    public async Task Sessions_go_on_fork_and_roll_back()
    {
        GenerationOptions greedy = s_short with { Sampling = SamplingOptions.Greedy };
        using Session session = _model.CreateSession();
        await session.Generate("Once upon a time", greedy).TextAsync();
        int length = session.Length;
        using Session fork = session.Fork();
        string next = await session.Generate(" Then", greedy).TextAsync();
        Assert.Equal(next, await fork.Generate(" Then", greedy).TextAsync());
        session.RollBack(length);
        Assert.Equal(next, await session.Generate(" Then", greedy).TextAsync());
        Assert.Equal(session.Tokens(), fork.Tokens());
    }

    [Fact]
    public async Task Continuing_from_known_tokens_computes_only_what_is_new()
    {
        GenerationOptions greedy = s_short with { Sampling = SamplingOptions.Greedy };
        using Session session = _model.CreateSession();
        await session.Generate("Once upon a time there was a dog", greedy).TextAsync();
        int[] tokens = session.Tokens();
        Generation again = session.Continue(tokens, greedy);
        string text = await again.TextAsync();
        Assert.Equal(tokens.Length - 1, again.Timings.CachedTokens);
        using Session fresh = _model.CreateSession();
        Assert.Equal(await fresh.Continue(tokens, greedy).TextAsync(), text);
    }

    [Fact]
    public async Task Stop_text_ends_it_and_is_not_shown()
    {
        GenerationOptions greedy = s_short with { MaxTokens = 200, Sampling = SamplingOptions.Greedy };
        string whole = await _model.Generate("Once upon a time", greedy).TextAsync();
        Generation stopped = _model.Generate("Once upon a time", greedy with { Stop = ["Lily"] });
        Assert.Equal(whole[..whole.IndexOf("Lily", StringComparison.Ordinal)], await stopped.TextAsync());
        Assert.Equal(FinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public void Prompt_over_the_context_is_refused_with_both_numbers()
    {
        string prompt = string.Concat(Enumerable.Repeat("word ", 3000));
        CapacityException refused = Assert.Throws<CapacityException>(() => _model.Generate(prompt));
        Assert.Contains(refused.Needed.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
        Assert.Contains("holds 512", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_context_ends_it()
    {
        Generation full = _model.Generate("Once", s_short with { MaxTokens = null });
        await full.TextAsync();
        Assert.Equal(FinishReason.ContextFull, full.FinishReason);
    }

    [Fact]
    public async Task Full_cache_fails_those_that_need_more_and_no_others()
    {
        using var small = Model.OpenDefault(new() { CacheTokens = 128 });
        Task<string> one = small.Generate("Once", s_short).TextAsync(), two = small.Generate("The", s_short).TextAsync();
        await Task.WhenAll(one, two);
        Generation three = small.Generate("A", s_short with { MaxTokens = 300 });
        await Assert.ThrowsAsync<CapacityException>(() => three.TextAsync());
        Assert.Equal(await one, await small.Generate("Once", s_short).TextAsync());
    }

    [Fact]
    public async Task Cancelling_ends_it_within_a_step()
    {
        using var stop = new CancellationTokenSource();
        Generation running = _model.Generate("Once upon a time", s_short with { MaxTokens = null }, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GeneratedToken token in running.Tokens())
                await stop.CancelAsync();
        });
        Assert.Equal(FinishReason.Cancelled, running.FinishReason);
    }

    [Fact]
    public async Task Passed_deadline_ends_it()
    {
        Generation late = _model.Generate("Once upon a time", s_short with { MaxTokens = null, Deadline = TimeSpan.FromTicks(1) });
        await late.TextAsync();
        Assert.Equal(FinishReason.Deadline, late.FinishReason);
        Assert.Throws<ArgumentOutOfRangeException>(() => s_short with { Deadline = TimeSpan.Zero });
    }

    [Fact]
    public async Task Likeliest_tokens_come_with_each_token_and_only_if_asked_for()
    {
        Generation greedy = _model.Generate("Once upon a time", s_short with { Sampling = SamplingOptions.Greedy, TopLogProbabilities = 3 });
        await foreach (GeneratedToken token in greedy.Tokens())
        {
            Assert.Equal(3, token.TopLogProbabilities!.Count);
            Assert.Equal(new TokenLogProbability(token.Id, token.LogProbability!.Value), token.TopLogProbabilities[0]);
            Assert.True(token.LogProbability <= 0 && token.TopLogProbabilities.Sum(top => Math.Exp(top.LogProbability)) <= 1.0001);
        }

        await foreach (GeneratedToken token in _model.Generate("Once", s_short).Tokens())
            Assert.Null(token.LogProbability);
        Assert.Throws<ArgumentOutOfRangeException>(() => s_short with { TopLogProbabilities = 21 });
    }

    [Fact]
    public async Task Text_that_the_model_ends_is_ended()
    {
        Generation story = _model.Generate("The end.", new() { Sampling = SamplingOptions.Greedy });
        await story.TextAsync();
        Assert.Contains(story.FinishReason, (FinishReason[])[FinishReason.EndOfText, FinishReason.ContextFull]);
        Assert.True(story.Timings.GeneratedTokens > 0);
    }

    [Fact]
    public async Task Recurrent_models_roll_back_too()
    {
        using var model = Model.Open(Golden.Path("ple-tinystories-int4/lstm-c3M-s0.bin"));
        GenerationOptions greedy = s_short with { Sampling = SamplingOptions.Greedy };
        using Session session = model.CreateSession();
        await session.Generate("Once upon a time", greedy).TextAsync();
        int length = session.Length - 5;
        session.RollBack(length);
        string again = await session.Generate(" and", greedy).TextAsync();
        using Session fresh = model.CreateSession();
        Assert.Equal(await fresh.Continue([.. session.Tokens().AsSpan(0, length), .. model.Tokenizer.Encode(" and", addSpecial: false)], greedy).TextAsync(), again);
    }

    [Fact]
    public async Task Greedy_story_of_another_model_is_what_llama_cpp_writes()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Exact = true });
        string story = await model.Generate("Once upon a time", new() { MaxTokens = 100, Sampling = SamplingOptions.Greedy }).TextAsync();
        Assert.StartsWith(
            ", there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. " +
            "She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily",
            story, StringComparison.Ordinal);
    }
}
