using Thimble.Lab.Analyze;
using Thimble.Lab.Quantize;
using Thimble.Lab.Training;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Siblings;

/// <summary>Recipes of sparse models, of mixtures, and of models with exits and heads, carried out.</summary>
public sealed class SiblingRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SiblingRunTests()
    {
        Quantizer.Run(Golden.Path("stories260K/stories260K.bin"), _folder["base.gguf"], new() { Type = "F32" });
        File.WriteAllText(_folder["texts.txt"], string.Concat(Enumerable.Range(0, 60).Select(i => $"The cat number {i} sat on the mat and saw a dog.<|endoftext|>")));
    }

    [Fact]
    public void Gates_become_sparse_and_the_file_says_so()
    {
        List<TrainingNews> news = [];
        using (TrainingRun run = Open("model: base.gguf\nsparse: { target: 0.9, weight: 3 }", steps: 40))
            run.Train(new Told(news.Add));
        double before = news[0].Step.Sparsity!.Value, after = news[^1].Step.Sparsity!.Value;
        Assert.InRange(after, before + 0.1, 1);
        ModelActivity found = Activity(new() { Length = 32, Windows = 4 });
        Assert.InRange(found.Sparsity, after - 0.1, after + 0.1);
        Assert.Equal(5, found.Layers.Length);
    }

    [Fact]
    public void A_sparse_training_that_is_broken_off_goes_on_to_the_same_bits()
    {
        const string Sparse = "model: base.gguf\nsparse: { target: 0.9, weight: 3 }";
        using (TrainingRun whole = Open(Sparse, steps: 6, output: "whole.gguf"))
            whole.Train();
        using (var stop = new CancellationTokenSource())
        using (TrainingRun first = Open(Sparse, steps: 6, output: "out.gguf"))
            first.Train(new Told(news => { if (news.Step.Number == 3) stop.Cancel(); }), stop.Token);
        using (TrainingRun second = Open(Sparse, steps: 6, output: "out.gguf"))
            second.Train();
        Assert.Equal(File.ReadAllBytes(_folder["whole.gguf"]), File.ReadAllBytes(_folder["out.gguf"]));
    }

    [Fact]
    public void A_mixture_is_made_and_measured()
    {
        using (TrainingRun run = Open("model: base.gguf\nexperts: { count: 16, used: 2 }", steps: 6))
            run.Train();
        ModelActivity found = Activity(new() { Length = 32, Windows = 4 });
        Assert.Equal(16, found.Layers[0].Experts.Length);
        Assert.Equal(1, found.Layers[0].Experts.Sum(), 1e-9);
        Assert.InRange((double)found.BytesPerToken / found.Bytes, 0.05, 0.4);
    }

    [Fact]
    public void Exits_learn_to_foretell_and_heads_to_look_ahead()
    {
        var exits = new ActivityOptions { Length = 32, Windows = 4, Exits = [1, 3] };
        double[] before = [.. Activity(exits, "base.gguf").Exits.Select(exit => exit.Perplexity)];
        using (TrainingRun run = Open("model: base.gguf\nexits: { layers: [1, 3] }\nmedusa: { heads: 2, tokens: 600, epochs: 12, rate: 0.02 }", steps: 25))
        {
            run.Train();
            Assert.Equal(2, run.Heads.Count);
        }

        ModelActivity found = Activity(exits with { Heads = _folder["out-heads.safetensors"] });
        Assert.All(found.Exits.Zip(before), pair => Assert.InRange(pair.First.Perplexity, 1, 0.7 * pair.Second));
        Assert.All(found.Heads, head => Assert.InRange(head.Agreed, 0.1, 1));
    }

    [Fact]
    public void The_first_model_that_is_there_is_taken_and_a_teacher_may_lack()
    {
        TrainingRecipe recipe = Recipe("model: [later.gguf, base.gguf]\nteacher: { model: later.gguf, if_there: true }", steps: 1, "out.gguf");
        Assert.Equal(_folder["base.gguf"], recipe.Model);
        Assert.Null(recipe.Teacher);
        Assert.Equal(2, recipe.Notes.Count);
        Assert.Contains("later.gguf is not there; base.gguf is taken", recipe.Notes[0], StringComparison.Ordinal);
        Assert.Contains("none is there: a.gguf, b.gguf", Assert.Throws<FileNotFoundException>(() => Recipe("model: [a.gguf, b.gguf]", 1, "out.gguf")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sparse: { target: 1 }", "'target' is 1; expected a share between 0 and 1")]
    [InlineData("sparse: { weight: 0 }", "expected a weight above 0")]
    [InlineData("experts: { count: 2, used: 3 }", "3 of 2 with all features")]
    [InlineData("exits: { layers: [one] }", "'one' is no layer")]
    [InlineData("exits: { weight: 0 }", "'weight' is 0; expected more than 0")]
    [InlineData("medusa: { heads: 0 }", "expected heads, tokens, epochs and rate above 0")]
    [InlineData("sparse: { much: 1 }", "key 'sparse.much' is unknown; known: most, target, weight")]
    public void A_recipe_that_cannot_be_is_refused(string key, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => Recipe($"model: base.gguf\n{key}", 1, "out.gguf")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_exit_behind_the_last_layer_is_refused() =>
        Assert.Contains("expected 1 to 4", Assert.Throws<ArgumentException>(() => Open("model: base.gguf\nexits: { layers: [5] }", steps: 1)).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private ModelActivity Activity(ActivityOptions options, string name = "out.gguf") => ModelActivity.Measure(_folder[name], File.ReadAllText(_folder["texts.txt"]).Replace("<|endoftext|>", " ", StringComparison.Ordinal), options);

    private TrainingRun Open(string keys, int steps, string output = "out.gguf") => new(Recipe(keys, steps, output));

    private TrainingRecipe Recipe(string keys, int steps, string output)
    {
        File.WriteAllText(_folder["recipe.yaml"], $"{keys}\ntexts: [{{ path: texts.txt }}]\nheld_out: 0.1\nlength: 24\nbatch_tokens: 128\nrate: 0.005\nsteps: {steps}\noutput: {output}\n");
        return TrainingRecipe.Load(_folder["recipe.yaml"]);
    }

    private sealed class Told(Action<TrainingNews> tell) : IProgress<TrainingNews>
    {
        public void Report(TrainingNews value) => tell(value);
    }
}
