using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Heads;

public sealed class ExitHeadTests : IDisposable
{
    private readonly Desk _desk = new(Golden.Path("stories260K/stories260K.bin"));

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void The_first_layers_guess_and_the_text_stays()
    {
        using DraftModel part = ExitHead.Of(_desk.Decoder, _desk.Tokenizer, _desk.Decoder.Layers.Count - 1, _desk.Team, 256);
        int[] prompt = _desk.Tokenizer.Encode("Once upon a time"), plain = _desk.Write(prompt, 60, SamplingOptions.Greedy);
        int before = _desk.Runs;
        using var speculation = new Speculation(new ModelDrafter(part, "exit"), Desk.Pace(8));
        Assert.Equal(plain, _desk.Write(prompt, 60, SamplingOptions.Greedy, speculation));
        Assert.True(_desk.Runs - before < 60);
    }

    [Fact]
    public void All_layers_are_no_part() => Assert.Throws<ArgumentOutOfRangeException>(
        () => ExitHead.Of(_desk.Decoder, _desk.Tokenizer, _desk.Decoder.Layers.Count, _desk.Team, 256));
}
