using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Drafters;

/// <summary>Smaller models of the same vocabulary.</summary>
public sealed class ModelDrafterTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("c3M"));

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("ple-c1M", true, 1.8)]
    [InlineData("ple-c1M", false, 1.6)]
    [InlineData("gru-c1.5M", true, 1.3)]
    public void A_smaller_model_guesses_and_the_text_stays(string name, bool greedy, double tokensPerRun)
    {
        using DraftModel small = _desk.Draft(Golden.Path($"ple-tinystories-int4/{name}-s0.bin"));
        SamplingOptions options = greedy ? SamplingOptions.Greedy : new() { Seed = 3 };
        int[] prompt = [.. _desk.Tokenizer.Encode("Once upon a time there was a")], plain = _desk.Write(prompt, 80, options);
        int before = _desk.Runs;
        using var speculation = new Speculation(new ModelDrafter(small), Desk.Pace());
        Assert.Equal(plain, _desk.Write(prompt, 80, options, speculation));
        Assert.True(80.0 / (_desk.Runs - before) > tokensPerRun, $"{80.0 / (_desk.Runs - before):F2} tokens a run");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_guesses_itself_right(bool greedy)
    {
        using DraftModel same = _desk.Draft(Desk.Ple("c3M"));
        SamplingOptions options = greedy ? SamplingOptions.Greedy : new() { Seed = 8, Temperature = 1.1f };
        int[] prompt = [.. _desk.Tokenizer.Encode("A cat")];
        using var speculation = new Speculation(new ModelDrafter(same) { Depth = 4 }, Desk.Pace(4));
        int before = _desk.Runs;
        _desk.Write(prompt, 50, options, speculation);
        Assert.InRange(_desk.Runs - before, 10, 28);
    }
}
