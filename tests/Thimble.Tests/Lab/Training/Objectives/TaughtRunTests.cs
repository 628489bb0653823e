using Thimble.Lab.Quantize;
using Thimble.Lab.Training;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training;

/// <summary>Recipes with a teacher, or with preferences, carried out on small models.</summary>
public sealed class TaughtRunTests : IDisposable
{
    private const string Small = "new: { name: small, tokenizer: base.gguf, layers: 1, width: 32, heads: 2, key_heads: 1, wide: 48, context: 64 }";

    private readonly TemporaryFolder _folder = new();

    public TaughtRunTests()
    {
        Quantizer.Run(Golden.Path("stories260K/stories260K.bin"), _folder["base.gguf"], new() { Type = "F32" });
        File.WriteAllText(_folder["texts.txt"], string.Concat(Enumerable.Range(0, 40).Select(i => $"The cat number {i} sat on the mat.<|endoftext|>")));
        File.WriteAllText(_folder["pairs.jsonl"], string.Concat(Enumerable.Range(0, 40).Select(i => $"{{\"prompt\": \"cat {i}\", \"chosen\": \"It sat.\", \"rejected\": \"It ran off.\"}}\n")));
    }

    [Theory]
    [InlineData("divergence: forward, share: 1")]
    [InlineData("divergence: reverse, share: 0.9, temperature: 1.5")]
    [InlineData("divergence: skewed-forward, share: 1")]
    [InlineData("divergence: skewed-reverse, share: 0.5")]
    public void A_student_comes_nearer_to_its_teacher(string how)
    {
        List<double> losses = Losses($"{Small}\nteacher: {{ model: base.gguf, {how} }}", steps: 25);
        Assert.InRange(losses[^1], 0, 0.8 * losses[0]);
    }

    [Fact]
    public void A_student_learns_on_its_own_texts()
    {
        List<double> losses = Losses($"{Small}\nteacher: {{ model: base.gguf, way: on-policy, divergence: reverse, share: 1, tokens: 6, prompt: 4 }}", steps: 12, batch: 64);
        Assert.InRange(losses[^3..].Average(), 0, 0.95 * losses[..3].Average());
    }

    [Fact]
    public void A_student_learns_what_its_teacher_wrote()
    {
        using TrainingRun run = Open($"{Small}\nteacher: {{ model: base.gguf, way: sequence, tokens: 12, prompt: 6 }}", steps: 20);
        double before = run.Evaluate();
        Assert.InRange(run.Tokens.Learnt, 200, 40 * 20);
        Assert.InRange(run.Train(), 0, before - 0.2);
    }

    [Fact]
    public void A_teacher_with_other_tokens_teaches()
    {
        TokenizerTraining.Run(new TokenizerRecipe { Texts = [new(_folder["texts.txt"])], Vocabulary = 290, Output = _folder["words.gguf"] });
        List<double> losses = Losses($"{Small.Replace("base.gguf", "words.gguf", StringComparison.Ordinal)}\nteacher: {{ model: base.gguf, share: 0.7 }}", steps: 25);
        Assert.InRange(losses[^1], 0, 0.8 * losses[0]);
    }

    [Theory]
    [InlineData("way: dpo, beta: 0.2")]
    [InlineData("way: orpo, beta: 0.5")]
    public void A_preferred_answer_gets_ahead(string how)
    {
        using TrainingRun run = Open($"model: base.gguf\npreference: {{ {how} }}", steps: 12, texts: "{ path: pairs.jsonl, kind: preference }");
        var news = new Kept();
        run.Train(news);
        Assert.Equal(1, news.Steps[^1].Accuracy, 0.01);
        Assert.InRange(news.Steps[^1].Loss, 0, 0.9 * news.Steps[0].Loss);
    }

    [Theory]
    [InlineData("teacher: { way: texts }", "lacks the key 'teacher.model'")]
    [InlineData("teacher: { model: base.gguf, way: sideways }", "known: on-policy, sequence, texts")]
    [InlineData("teacher: { model: base.gguf, divergence: none }", "known: forward, reverse, skewed-forward, skewed-reverse")]
    [InlineData("teacher: { model: base.gguf, skew: 1 }", "'skew' is 1; expected from 0 to below 1")]
    [InlineData("teacher: { model: base.gguf, share: 2 }", "'share' is 2")]
    [InlineData("teacher: { model: base.gguf, temperature: 0 }", "'temperature' is 0")]
    [InlineData("preference: { way: dpo }", "go with the key 'preference'")]
    [InlineData("preference: { way: kto }", "known: dpo, orpo")]
    [InlineData("preference: { beta: 0 }", "'beta' is 0")]
    public void A_recipe_that_cannot_be_is_refused(string key, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => Open($"{Small}\n{key}", steps: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Preferences_without_a_way_are_refused() =>
        Assert.Contains("go with the key 'preference'", Assert.Throws<InvalidDataException>(() => Open(Small, steps: 1, texts: "{ path: pairs.jsonl, kind: preference }")).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private List<double> Losses(string keys, int steps, int batch = 128)
    {
        using TrainingRun run = Open(keys, steps, batch);
        var news = new Kept();
        run.Train(news);
        return [.. news.Steps.Select(step => step.Loss)];
    }

    private TrainingRun Open(string keys, int steps, int batch = 128, string texts = "{ path: texts.txt }")
    {
        File.WriteAllText(_folder["recipe.yaml"], $"{keys}\ntexts: [{texts}]\nheld_out: 0.1\nlength: 48\nbatch_tokens: {batch}\nrate: 0.003\nsteps: {steps}\noutput: out.gguf\n");
        return new TrainingRun(TrainingRecipe.Load(_folder["recipe.yaml"]));
    }

    private sealed class Kept : IProgress<TrainingNews>
    {
        public List<TrainingStep> Steps { get; } = [];

        public void Report(TrainingNews value) => Steps.Add(value.Step);
    }
}
