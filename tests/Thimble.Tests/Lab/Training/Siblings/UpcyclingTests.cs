using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Lab.Training.Siblings;

/// <summary>Dense models that become mixtures of experts.</summary>
public class UpcyclingTests
{
    private static readonly int[] s_prompt = [1, 50, 100, 200, 42, 77, 13, 99];

    public static TheoryData<string> Paths => ["stories260K/stories260K.bin", "ple-tinystories-int4/ple-d32-s0.bin"];

    [Theory, MemberData(nameof(Paths))]
    public void A_mixture_of_copies_computes_what_the_model_did(string path)
    {
        using var dense = new GraphSubject(Golden.Path(path));
        using var mixture = new GraphSubject(Upcycling.Of(ModelFile.Open(Golden.Path(path)), new() { Count = 5, Used = 2 }, seed: 3));
        float[][] expected = dense.Logits(Batch.Of([[.. s_prompt, 0]])), got = mixture.Logits(Batch.Of([[.. s_prompt, 0]]));
        for (int row = 0; row < expected.Length; row++)
        {
            for (int i = 0; i < expected[row].Length; i++)
                Assert.Equal(expected[row][i], got[row][i], 1e-3f);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(40)]
    public void Everything_can_be_learnt_and_the_file_computes_what_training_does(int? wide)
    {
        using var subject = new GraphSubject(Upcycling.Of(ModelFile.Open(Golden.Path("stories260K/stories260K.bin")), new() { Count = 4, Used = 2, Wide = wide }, seed: 3), train: true);
        var batch = Batch.Of([[.. s_prompt]]);
        subject.Turn(seed: 5);
        (double pulled, double pushed) = (subject.Pulled(batch), subject.Pushed(batch));
        Assert.Equal(pushed, pulled, Math.Abs(pushed) * 1e-3);
        using var folder = new TemporaryFolder();
        Assert.True(subject.Learn(batch, "ffn_gate_inp") > 0 && subject.Learn(batch, "exps.weight[3]") >= 0);
        float[][] trained = subject.Logits(Batch.Of([[.. s_prompt, 0]]));
        subject.Save(folder["mixture.gguf"]);
        using var runs = new Runs(folder["mixture.gguf"]);
        float[][] served = runs.Logits(s_prompt, 8);
        Assert.Equal(0, Enumerable.Range(0, served.Length).Max(row => Enumerable.Range(0, served[row].Length).Max(i => Math.Abs(served[row][i] - trained[row][i]))), 2e-3);
        Assert.True(runs.Decoder.BytesPerToken < 0.8 * runs.Decoder.Weights.Sum(weight => weight.Bytes));
    }

    [Fact]
    public void Experts_wider_than_the_block_are_refused()
    {
        using var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        Assert.Contains("Experts of 9000 features cannot be made of a block with 172", Assert.Throws<ArgumentException>(() => Upcycling.Of(file, new() { Wide = 9000 }, seed: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mixture_is_not_mixed_again()
    {
        ModelFile mixture = Upcycling.Of(ModelFile.Open(Golden.Path("stories260K/stories260K.bin")), new() { Count = 2, Used = 1 }, seed: 1);
        Assert.Contains("a mixture of experts already", Assert.Throws<NotSupportedException>(() => Upcycling.Of(mixture, new(), seed: 1)).Message, StringComparison.Ordinal);
        mixture.Dispose();
    }
}
