using Thimble.Lab.Training;
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
        Assert.Equal(pushed, difference, Math.Max(2e-3, Math.Abs(pushed) * 1e-2));
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
