using System.Globalization;
using Thimble.Lab.Training;
using Thimble.Models.Tokens;
using Thimble.Tests.Lab.Training.Adapters;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training.ZerothOrder;

/// <summary>What losses alone teach in a fixed number of looks, beside gradients, and that there is nothing to learn where classes are drawn at random.</summary>
public class ZerothLearningTests(ITestOutputHelper output)
{
    private static readonly string[] s_good = ["{0} got a new toy", "{0} found a big cake", "Mom gave {0} a hug", "{0} won the game", "Dad gave {0} a red ball", "{0} ate a yummy cookie"];
    private static readonly string[] s_bad = ["{0} lost a toy", "{0} fell down and got hurt", "The dog ran away from {0}", "{0} broke the cup", "{0} got sick", "{0} was all alone"];
    private static readonly string[] s_names = ["Tom", "Lily", "Ben", "Sue", "Max", "Mia"];

    [Fact]
    [Trait("Speed", "Slow")]
    public void A_third_of_what_gradients_teach_is_learnt_in_a_fixed_number_of_looks()
    {
        using var subject = new AdaptedModel(AdaptedModel.Stories, Adapter());
        double before = subject.Loss(Task(subject, 99, shuffled: false)).Mean;
        double gradients = before - Learn("", 60, 0.2f, shuffled: false).Loss, losses = before - Learn("sgd", 400, 3e-3f, shuffled: false).Loss;
        output.WriteLine($"loss {before:f3}; gradients take {gradients:f3} off it, losses alone {losses:f3}");
        Assert.InRange(losses, 0.3 * gradients, double.MaxValue);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Classes_at_random_are_not_learnt()
    {
        double right = Learn("sgd", 400, 3e-3f, shuffled: true).Right;
        output.WriteLine($"right in {right:p1}");
        Assert.InRange(right, 0.35, 0.65);
    }

    private static TrainedAdapterOptions Adapter() => new() { Rank = 8, Alpha = 16, Targets = "attn_(q|v)" };

    private static (double Loss, double Right) Learn(string method, int steps, float rate, bool shuffled)
    {
        using var subject = new AdaptedModel(AdaptedModel.Stories, Adapter());
        var options = new TrainerOptions { Steps = steps, Optimiser = new() { Name = "sgd", Rate = rate, Decay = 0 }, Schedule = new() { Shape = "linear" }, Threads = 1 };
        using ITrainer trainer = method.Length == 0 ? new Trainer(subject.Graph, options) : new ZoBench(subject.Graph, options, new() { Method = method, Distance = 1e-2f }, seed: 1);
        for (int i = 0; i < steps; i++)
            trainer.Step([Task(subject, i, shuffled)]);
        Loss loss = subject.Loss(Task(subject, 99, shuffled: false)), drawn = subject.Loss(Task(subject, 98, shuffled: true, size: 128));
        return (loss.Mean, (double)drawn.Right / drawn.Counted);
    }

    private static Batch Task(AdaptedModel subject, int seed, bool shuffled, int size = 16)
    {
        var random = new Random(seed);
        var tokenizer = Tokenizer.From(subject.File.Metadata);
        int[] options = [tokenizer.Encode("was happy")[^1], tokenizer.Encode("was sad")[^1]];
        int[][] texts = new int[size][];
        for (int i = 0; i < size; i++)
        {
            bool good = random.Next(2) == 0;
            string sentence = string.Format(CultureInfo.InvariantCulture, (good ? s_good : s_bad)[random.Next(6)], s_names[random.Next(6)]);
            texts[i] = [.. tokenizer.Encode($"{sentence}. So {s_names[random.Next(6)]} was very", addSpecial: true), options[(shuffled ? random.Next(2) == 0 : good) ? 0 : 1]];
        }

        var whole = Batch.Of(texts, (text, at) => at == texts[text].Length - 1);
        return new Batch(whole.Tokens, whole.Targets, whole.Segments) { Options = options };
    }
}
