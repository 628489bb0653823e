using Thimble.Lab.Training;
using Thimble.Models.Adapters;
using Thimble.Tests.Models;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>Every kind of adapter: its beginning, its gradient, its base, and what is served of it.</summary>
public class LlmAdaptersTests(ITestOutputHelper output)
{
    /// <summary>Kinds with what else there is to choose, in one word.</summary>
    private static readonly string[] s_all = [.. LlmAdapters.Known, "series before", "prefix hidden", "lora root"];

    public static TheoryData<string> All => [.. s_all];

    public static TheoryData<string> OnWeights => [.. s_all.Where(kind => !kind.StartsWith('p') || kind == "parallel")];

    [Theory, MemberData(nameof(OnWeights))]
    public void An_adapter_on_weights_changes_no_bit_at_first(string kind)
    {
        using var bare = new AdaptedModel(AdaptedModel.Stories);
        using var adapted = new AdaptedModel(AdaptedModel.Stories, Options(kind));
        Assert.Equal(bare.Logits(AdaptedModel.Text), adapted.Logits(AdaptedModel.Text));
        using var folder = new TemporaryFolder();
        using var runs = new Thimble.Tests.Models.Architectures.Runs(AdaptedModel.Stories);
        Assert.Equal(runs.Logits(AdaptedModel.Text, 5), adapted.Served(folder["zero"], AdaptedModel.Text));
    }

    [Theory, MemberData(nameof(All))]
    public void Gradients_are_tangents_are_differences(string kind)
    {
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, Options(kind)).Stir(size: 0.05f).Turn();
        double pulled = model.Pulled(AdaptedModel.Batch), pushed = model.Loss(AdaptedModel.Batch, pushes: true).Tangent;
        model.Tape.Pushes = false;
        double difference = ((4 * model.Difference(AdaptedModel.Batch, 5e-3f)) - model.Difference(AdaptedModel.Batch, 1e-2f)) / 3;   // without the third derivative
        output.WriteLine($"{kind}: pulled {pulled:g6} pushed {pushed:g6} difference {difference:g6}");
        Assert.Equal(pushed, pulled, Math.Abs(pushed) * 1e-4);
        Assert.Equal(pushed, difference, Math.Max(4e-4, Math.Abs(pushed) * 1e-3));
    }

    [Theory, MemberData(nameof(All))]
    public void What_is_trained_is_what_is_served(string kind)
    {
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, Options(kind)).Stir();
        using var folder = new TemporaryFolder();
        float[][] trained = model.Logits(AdaptedModel.Text), served = model.Served(folder["adapter"], AdaptedModel.Text);
        double error = Error(trained, served);
        using var bare = new AdaptedModel(AdaptedModel.Stories);
        output.WriteLine($"{kind}: error {error:e1}, change {Error(bare.Logits(AdaptedModel.Text), served):e1}");
        Assert.InRange(error, 0, 1e-8);
        Assert.InRange(Error(bare.Logits(AdaptedModel.Text), served), 1e-4, 1e9);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nf4")]
    public void Lora_takes_less_memory_than_the_whole_model_does(string? packed)
    {
        long Bytes(TrainedAdapterOptions? options)
        {
            using var model = new AdaptedModel(AdaptedModel.Stories, options);
            using var whole = new TrainedModel(model.File, 256);
            foreach (Parameter parameter in whole.Graph.Parameters)
                parameter.IsTrained = parameter.Name.Length > 0;
            using var trainer = new Trainer(options is null ? whole.Graph : model.Graph, new() { Threads = 1 });
            trainer.Step([Batch.Of([[.. Enumerable.Range(0, 200).Select(i => AdaptedModel.Text[i % 16])]])]);
            return trainer.Bytes;
        }

        Assert.InRange(Bytes(new() { Kind = "lora", Rank = 4, Base = packed }), 1, Bytes(null) - (2L * 260_000 * sizeof(float)));
    }

    [Theory, MemberData(nameof(All))]
    public void Learning_leaves_the_base_as_it_is(string kind)
    {
        using var model = new AdaptedModel(AdaptedModel.Stories, Options(kind));
        var before = ModelHash.Of(model.File);
        double left = model.Learn(12);
        output.WriteLine($"{kind}: {left:p1} of the loss left after 12 steps, {model.Trained.Sum(parameter => parameter.Length)} numbers");
        Assert.InRange(left, 0, 0.97);
        Assert.Equal(before, ModelHash.Of(model.File));
        Assert.All(model.Graph.Parameters.Where(parameter => parameter.Name.StartsWith("blk.", StringComparison.Ordinal) && !parameter.Name.Contains("weight.", StringComparison.Ordinal)), parameter => Assert.False(parameter.IsTrained));
    }

    [Fact]
    public void An_unknown_kind_or_target_is_refused_with_those_known()
    {
        Assert.Contains("'ia3' is unknown; known: dora, lora, p_tuning", Refusal(new() { Kind = "ia3" }), StringComparison.Ordinal);
        Assert.Contains("matches the adapter's 'targets', 'token_embd'; they are blk.0.attn_q.weight", Refusal(new() { Targets = "token_embd" }), StringComparison.Ordinal);
        Assert.Contains("'sine' is unknown; known: gelu, relu, silu, tanh", Assert.Throws<NotSupportedException>(() => new AdaptedModel(AdaptedModel.Stories, new() { Kind = "series", Function = "sine" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_dropped_is_dropped_again_when_a_layer_is_computed_again()
    {
        using var model = new AdaptedModel(AdaptedModel.Stories, new() { Dropout = 0.5f });
        model.Stir();
        double full = model.Loss(AdaptedModel.Batch).Mean;
        model.Tape.Learns = true;
        double kept = model.Loss(AdaptedModel.Batch, pulls: true).Mean;
        float[] gradient = Gradient(model);
        model.Graph.Recomputes = true;
        Assert.Equal(kept, model.Loss(AdaptedModel.Batch, pulls: true).Mean);
        Assert.Equal(gradient, Gradient(model));
        Assert.NotEqual(full, kept);
    }

    internal static TrainedAdapterOptions Options(string kind)
    {
        string[] words = kind.Split(' ');
        return new()
        {
            Kind = words[0],
            Rank = 4,
            Tokens = 3,
            Scale = words[0] == "scaled_parallel" ? 4 : 1,
            Before = words.Contains("before"),
            Hidden = words.Contains("hidden") || words[0] == "p_tuning" ? 12 : 0,
            RankStabilised = words.Contains("root"),
            Targets = words[0] == "series" ? "attn_q|ffn_down" : null,   // queries too: their outputs change places in PEFT's folders
        };
    }

    internal static double Error(float[][] expected, float[][] got)
    {
        double error = expected.Zip(got).Sum(pair => pair.First.Zip(pair.Second).Sum(values => Math.Pow(values.First - values.Second, 2)));
        return error / expected.Sum(row => row.Sum(value => (double)value * value));
    }

    private static float[] Gradient(AdaptedModel model)
    {
        float[] gradient = [.. model.Trained.SelectMany(parameter => parameter.Gradient.Values.ToArray())];
        foreach (Parameter parameter in model.Trained)
            parameter.Gradient.Values.Clear();
        return gradient;
    }

    private static string Refusal(TrainedAdapterOptions options) => Assert.Throws<ArgumentException>(() => new AdaptedModel(AdaptedModel.Stories, options)).Message;
}
