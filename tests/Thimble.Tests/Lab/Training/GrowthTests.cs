using Thimble.Lab.Training;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Training;

/// <summary>Models that grow, and per-layer embeddings on a tape.</summary>
public class GrowthTests
{
    private static readonly string s_path = Golden.Path("ple-tinystories-int4/ple-d32-s0.bin");
    private static readonly int[] s_prompt = [1, 500, 1000, 200, 42, 777, 13, 99];

    [Fact]
    public void A_grown_model_computes_what_it_did()
    {
        using var small = new GraphSubject(s_path);
        using var large = new GraphSubject(Growth.Of(ModelFile.Open(s_path), new() { Width = 160, Heads = 6, Wide = 500, Tokens = ["<|user|>", "<|end|>"], End = "<|end|>" }, seed: 3));
        float[][] expected = small.Logits(Batch.Of([[.. s_prompt, 0]])), got = large.Logits(Batch.Of([[.. s_prompt, 0]]));
        for (int row = 0; row < expected.Length; row++)
        {
            Assert.Equal(4098, got[row].Length);
            for (int i = 0; i < 4096; i++)
                Assert.Equal(expected[row][i], got[row][i], 1e-4f);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Everything_new_can_be_learnt(bool recomputes)
    {
        using var subject = new GraphSubject(Growth.Of(ModelFile.Open(s_path), new() { Width = 160, Heads = 6, Wide = 500 }, seed: 3), train: true);
        subject.Recomputes = recomputes;
        var batch = Batch.Of([[.. s_prompt]]);
        subject.Turn(seed: 5);
        (double pulled, double pushed) = (subject.Pulled(batch), subject.Pushed(batch));
        Assert.Equal(pushed, pulled, Math.Abs(pushed) * 1e-3);
        Assert.Equal(pushed, subject.Difference(batch, 1e-3f), Math.Max(2e-3, Math.Abs(pushed) * 2e-2));
    }

    [Fact]
    public void A_new_token_ends_an_answer_and_has_a_kind()
    {
        using ModelFile grown = Growth.Of(ModelFile.Open(s_path), new() { Tokens = ["<|user|>", "<|end|>"], End = "<|end|>" }, seed: 3);
        Assert.Equal(4097, grown.Metadata.FindInteger("tokenizer.ggml.eot_token_id"));
        Assert.Equal([4096, 97, 4097], Thimble.Models.Tokens.Tokenizer.From(grown.Metadata).Encode("<|user|>a<|end|>", addSpecial: false, parseSpecial: true)[..1].Append(97).Append(4097));
    }

    [Fact]
    public void A_model_does_not_shrink()
    {
        using var file = ModelFile.Open(s_path);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Growth.Of(file, new() { Width = 64 }, seed: 3));
        Assert.Contains("'width' comes to 64, it is 128", refused.Message, StringComparison.Ordinal);
    }
}
