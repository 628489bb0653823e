using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training;

/// <summary>Recipes carried out on small models.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private const string Small = "new: { name: small, tokenizer: base.gguf, layers: 1, width: 32, heads: 2, key_heads: 1, wide: 48, context: 64 }";

    private readonly TemporaryFolder _folder = new();

    public TrainingRunTests()
    {
        Thimble.Lab.Quantize.Quantizer.Run(Golden.Path("stories260K/stories260K.bin"), File("base.gguf"), new() { Type = "F32" });
        System.IO.File.WriteAllText(File("texts.txt"), string.Concat(Enumerable.Range(0, 40).Select(i => $"The cat number {i} sat on the mat.<|endoftext|>")));
    }

    [Fact]
    public void A_new_model_learns_and_is_written()
    {
        using TrainingRun run = Open(Small, steps: 30);
        double before = run.Evaluate(), after = run.Train();
        Assert.InRange(after, 0, before - 1);
        using var model = Model.Open(File("out.gguf"));
        Assert.Equal("small", model.Name);
    }

    [Fact]
    public void A_training_that_is_broken_off_goes_on_to_the_same_bits()
    {
        using (TrainingRun whole = Open(Small, steps: 8, output: "whole.gguf"))
            whole.Train();
        using (var stop = new CancellationTokenSource())
        using (TrainingRun first = Open(Small, steps: 8))
            first.Train(new StopAfter(3, stop), stop.Token);
        using (TrainingRun second = Open(Small, steps: 8))
        {
            Assert.Equal(3, second.Steps);
            second.Train();
        }

        Assert.Equal(Numbers("whole.gguf"), Numbers("out.gguf"));
    }

    [Fact]
    public void Threads_move_no_bit()
    {
        using (TrainingRun one = Open(Small + "\nthreads: 1", steps: 4, output: "one.gguf"))
            one.Train();
        using (TrainingRun two = Open(Small + "\nthreads: 2", steps: 4))
            two.Train();
        Assert.Equal(Numbers("one.gguf"), Numbers("out.gguf"));
    }

    [Fact]
    public void Computing_layers_again_moves_no_bit()
    {
        using (TrainingRun kept = Open(Small, steps: 4, output: "kept.gguf"))
            kept.Train();
        using (TrainingRun again = Open(Small + "\nrecompute: true", steps: 4))
            again.Train();
        Assert.Equal(Numbers("kept.gguf"), Numbers("out.gguf"));
    }

    [Fact]
    public void An_adapter_changes_nothing_before_its_first_step_and_is_merged_after_its_last()
    {
        using TrainingRun bare = Open("model: base.gguf", steps: 1), adapted = Open("model: base.gguf\nlora: { rank: 4 }", steps: 20, output: "merged.gguf");
        Assert.Equal(bare.Evaluate(), adapted.Evaluate());
        Assert.InRange(adapted.Trained, 1, bare.Trained / 4);
        double after = adapted.Train();
        using TrainingRun merged = Open("model: merged.gguf", steps: 1, output: "unused.gguf");
        Assert.Equal(after, merged.Evaluate(), 4);
        Assert.True(after < bare.Evaluate());
    }

    [Theory]
    [InlineData("dora", "adapter")]
    [InlineData("prefix", "adapter")]
    [InlineData("lora", "adapter.gguf")]
    public void An_adapter_of_any_kind_is_written_beside_its_model(string kind, string output)
    {
        using (TrainingRun run = Open($"model: base.gguf\nadapter: {{ kind: {kind}, rank: 2, tokens: 2 }}", steps: 3, output: output))
            run.Train();
        using var model = Model.Open(File("base.gguf"));
        using Adapter adapter = model.LoadAdapter(File(output));
        Assert.Same(model, adapter.Model);
    }

    [Theory]
    [InlineData("adapter: { kind: lora, width: 3 }", "key 'adapter.width' is unknown; known: alpha")]
    [InlineData("adapter: { kind: lora, dropout: 1 }", "a dropout from 0 to below 1")]
    [InlineData("adapter: { rank: 0 }", "expected a rank and tokens above 0")]
    public void A_wrong_adapter_is_refused_by_its_key(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Open("model: base.gguf\n" + text, steps: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_quantised_model_is_frozen_and_its_adapter_learns()
    {
        Thimble.Lab.Quantize.Quantizer.Run(File("base.gguf"), File("q8.gguf"), new() { Type = "Q8_0" });
        using TrainingRun run = Open("model: q8.gguf\nlora: { rank: 4 }", steps: 10);
        Assert.True(run.Train() < run.Evaluate() + 1e-9);
    }

    [Theory]
    [InlineData("model: base.gguf\nlearning_rate: 1", "line 2: key 'learning_rate' is unknown; known: accumulate")]
    [InlineData("model: base.gguf\nlora: { rank: much }", "'lora.rank' is 'much'; expected a whole number")]
    [InlineData("steps: 3", "names neither 'model' and 'new'")]
    [InlineData("model: [", "cannot be read at line")]
    public void A_wrong_recipe_is_refused_by_key_and_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Open(text, steps: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Broken_lines_are_named_and_counted()
    {
        System.IO.File.WriteAllLines(File("chat.jsonl"),
        [
            """{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day to you"}]}""",
            "{ no json",
            """{"instruction": "Hello"}""",
        ]);
        using TrainingRun run = Open("model: base.gguf", steps: 1, texts: "chat.jsonl, kind: chat");
        Assert.Equal(2, run.Broken.Count);
        Assert.StartsWith("chat.jsonl:2:", run.Broken[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_is_refused()
    {
        using (TrainingRun first = Open(Small, steps: 1))
            first.Train();
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Open(Small, steps: 2));
        Assert.Contains("is of another recipe", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_cut_in_the_middle_is_refused()
    {
        using (TrainingRun first = Open(Small, steps: 1))
            first.Train();
        using (FileStream file = System.IO.File.OpenWrite(File("out.gguf.checkpoint")))
            file.SetLength(file.Length / 2);
        Assert.Throws<InvalidDataException>(() => Open(Small, steps: 1));
    }

    public void Dispose() => _folder.Dispose();

    private string File(string name) => Path.Combine(_folder.Path, name);

    private TrainingRun Open(string keys, int steps, string output = "out.gguf", string texts = "texts.txt")
    {
        System.IO.File.WriteAllText(File("recipe.yaml"), $"{keys}\ntexts: [{{ path: {texts} }}]\nheld_out: 0.1\nlength: 24\nbatch_tokens: 128\nrate: 0.01\nsteps: {steps}\nevaluate_every: 5\noutput: {output}\n".Replace("steps: 3\ntexts", "texts", StringComparison.Ordinal));
        return new TrainingRun(TrainingRecipe.Load(File("recipe.yaml")));
    }

    private float[] Numbers(string name)
    {
        using var file = ModelFile.Open(File(name));
        return [.. file.Tensors.SelectMany(tensor => tensor.Values())];
    }

    /// <summary>Stops a training after some steps.</summary>
    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<TrainingNews>
    {
        public void Report(TrainingNews value)
        {
            if (value.Step.Number == steps)
                stop.Cancel();
        }
    }
}
