using Thimble.Models.Files;
using Thimble.Sampling;
using Thimble.Speculative;
using Drafting = Thimble.Speculative.OmniDraft;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

/// <summary>A story model of 512 SentencePiece tokens drafts for ones of 4096 byte-level tokens.</summary>
public sealed class OmniDraftTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("c3M"));
    private readonly DraftModel _small;

    public OmniDraftTests() => _small = _desk.Draft(Golden.Path("stories260K/stories260K.bin"));

    public void Dispose()
    {
        _small.Dispose();
        _desk.Dispose();
    }

    [Fact]
    public void Another_vocabulary_guesses_and_the_text_stays()
    {
        var memory = new Drafting.Memory(_desk.Tokenizer, _small);
        (int direct, _) = Write(memory, SamplingOptions.Greedy, "Once upon a time", drafter => new(drafter, new(_desk.Tokenizer, drafter)) { Merges = false });
        (int all, int tokens) = Write(memory, SamplingOptions.Greedy, "Once upon a time", drafter => new(drafter, memory));
        Assert.True(tokens / (double)all > 1.7, $"{tokens} tokens in {all} runs, {direct} without merging");
        Assert.True(memory.Cache.Count > 10 && all < direct, $"{all} runs with the cache, {direct} without");
    }

    [Fact]
    public void Sampled_text_is_the_plain_one_where_the_sampler_draws() =>
        Write(new(_desk.Tokenizer, _small), new() { Seed = 3 }, "The dog", drafter => new(drafter, new(_desk.Tokenizer, drafter)));

    [Fact]
    public void One_drafter_serves_targets_of_different_vocabularies()
    {
        using var other = new Desk(Golden.Path("stories260K/stories260K.bin"));
        var first = new Drafting.Memory(_desk.Tokenizer, _small);
        var second = new Drafting.Memory(other.Tokenizer, _small);
        for (int round = 0; round < 2; round++)
        {
            Check(_desk, first);
            Check(other, second);
        }

        Assert.True(first.Cache.Count > 0 && second.Cache.Count == 0);
    }

    [Fact]
    public void Weighed_guesses_have_the_targets_distribution()
    {
        // Two tokens of 400 texts, with and without guesses, in 12 classes.
        var memory = new Drafting.Memory(_desk.Tokenizer, _small);
        SamplingOptions options = new() { TopK = 12, TopP = 1, MinP = 0, Temperature = 1 };
        int[] prompt = _desk.Tokenizer.Encode("Once upon a time");
        double[] with = Histogram(seed =>
        {
            using var speculation = new Speculation(new Drafting(_small, memory) { Draws = true, Adapts = false }, Desk.Pace(4));
            return _desk.Write(prompt, 2, options with { Seed = seed }, speculation);
        });
        double[] without = Histogram(seed => _desk.Write(prompt, 2, options with { Seed = seed + 100_000 }));
        double chi = with.Zip(without, (a, b) => a + b == 0 ? 0 : (a - b) * (a - b) / (a + b)).Sum();
        Assert.True(chi < 31, $"chi-square {chi:F1} of 11 degrees");   // 0.1 %
    }

    private static double[] Histogram(Func<ulong, int[]> write)
    {
        double[] counts = new double[12];
        for (ulong seed = 0; seed < 400; seed++)
        {
            int[] tokens = write(seed);
            counts[((tokens[0] * 31) + tokens[1]) % 12]++;
        }

        return counts;
    }

    private void Check(Desk desk, Drafting.Memory memory)
    {
        int[] prompt = desk.Tokenizer.Encode("The cat"), plain = desk.Write(prompt, 30, SamplingOptions.Greedy);
        using var speculation = new Speculation(new Drafting(_small, memory), Desk.Pace());
        Assert.Equal(plain, desk.Write(prompt, 30, SamplingOptions.Greedy, speculation));
    }

    private (int Runs, int Tokens) Write(Drafting.Memory memory, SamplingOptions options, string text, Func<DraftModel, Drafting> drafter)
    {
        int[] prompt = _desk.Tokenizer.Encode(text), plain = _desk.Write(prompt, 100, options);
        int before = _desk.Runs;
        using var speculation = new Speculation(drafter(_small), Desk.Pace());
        Assert.Equal(plain, _desk.Write(prompt, 100, options, speculation));
        _ = memory;
        return (_desk.Runs - before, 100);
    }
}
