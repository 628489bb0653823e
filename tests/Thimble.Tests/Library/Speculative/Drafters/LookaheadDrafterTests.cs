using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Drafters;

public sealed class LookaheadDrafterTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("d32"));

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_model_guesses_for_itself_and_the_text_stays(bool greedy)
    {
        SamplingOptions options = greedy ? SamplingOptions.Greedy : new() { Seed = 2 };
        int[] prompt = _desk.Tokenizer.Encode("Once upon a time"), plain = _desk.Write(prompt, 120, options);
        int before = _desk.Runs;
        using var speculation = new Speculation(new LookaheadDrafter(columns: 7, length: 4), Desk.Pace(60));
        Assert.Equal(plain, _desk.Write(prompt, 120, options, speculation));
        Assert.True(_desk.Runs - before < (greedy ? 110 : 120), $"{_desk.Runs - before} runs");
    }
}
