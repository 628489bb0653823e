using Thimble.Lab.Training;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Architectures;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training;

/// <summary>The graph that is trained against the model that runs, and its derivatives against differences.</summary>
public class GraphTests(ITestOutputHelper output)
{
    public static TheoryData<string> Known => [.. Fixture.Names.Where(CanTrain)];

    [Theory]
    [MemberData(nameof(Known))]
    public void Training_computes_the_logits_that_inference_does(string name)
    {
        var fixture = new Fixture(name);
        using var subject = new GraphSubject(fixture.Model);
        float[][] logits = subject.Logits(Batch.Of([[.. fixture.Tokens, 0]]));
        output.WriteLine($"NMSE {name} {fixture.Error(logits):e1}");
        Assert.InRange(fixture.Error(logits), 0, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void Gradients_are_tangents_are_differences(string name)
    {
        var fixture = new Fixture(name);
        using var subject = new GraphSubject(fixture.Model, train: true);
        var batch = Batch.Of([[.. fixture.Tokens.Take(9)], [.. fixture.Tokens.Skip(9).Take(6)]]);
        subject.Turn(seed: 5);
        (double pulled, double pushed) = (subject.Pulled(batch), subject.Pushed(batch));
        double difference = subject.Difference(batch, 2e-3f);
        output.WriteLine($"{name} pulled {pulled} pushed {pushed} difference {difference}");
        Assert.Equal(pushed, pulled, Math.Abs(pushed) * 1e-4);
        Assert.Equal(pushed, difference, Math.Max(5e-4, Math.Abs(pushed) * 1e-3));
    }

    [Theory]
    [InlineData("qwen2-dense", "blk.0.attn_k.bias")]
    [InlineData("lfm2-dense", ".shortconv.conv.weight")]
    [InlineData("mamba2-dense", "blk.0.ssm_conv1d.weight")]
    [InlineData("gpt-oss-moe", "blk.0.ffn_up_exps.bias[")]
    [InlineData("gpt2-dense", "blk.0.attn_output.bias")]
    public void What_was_turned_or_stacked_is_learnt_and_written(string name, string learnt)
    {
        if (!File.Exists(Fixture.PathOf(name + ".gguf")) || !CanTrain(name))
            return;
        var fixture = new Fixture(name);
        using var folder = new TemporaryFolder();
        float[][] trained;
        using (var subject = new GraphSubject(fixture.Model, train: true))
        {
            Assert.True(subject.Learn(Batch.Of([[.. fixture.Tokens]]), learnt) > 0, $"No '{learnt}' of {name} has moved.");
            trained = subject.Logits(Batch.Of([[.. fixture.Tokens, 0]]));
            subject.Save(folder["learnt.gguf"]);
        }

        using var runs = new Runs(folder["learnt.gguf"]);
        float[][] served = runs.Logits(fixture.Tokens, fixture.Tokens.Length);
        Assert.InRange(Enumerable.Range(0, served.Length).Max(row => Enumerable.Range(0, served[row].Length).Max(i => Math.Abs(served[row][i] - trained[row][i]))), 0, 2e-3);
    }

    private static bool CanTrain(string name)
    {
        using var subject = new GraphSubject(Fixture.PathOf(name + ".gguf"));
        try
        {
            subject.Loss(Batch.Of([[1, 2, 3]]));
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }
}
