using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Lab.Training.Adapters;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.ZerothOrder;

/// <summary>Logs of trainings by losses alone, laid on their base again.</summary>
public sealed class ReplayLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReplayLogTests()
    {
        Thimble.Lab.Quantize.Quantizer.Run(AdaptedModel.Stories, _folder["base.gguf"], new() { Type = "F32" });
        File.WriteAllText(_folder["texts.txt"], string.Concat(Enumerable.Range(0, 20).Select(i => $"The cat number {i} sat on the mat.<|endoftext|>")));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("method: sgd, queries: 2")]
    [InlineData("method: momentum, sparsity: 0.5, resample: 2")]
    [InlineData("method: adam")]
    [InlineData("method: sign, by_layer: true")]
    [InlineData("method: conservative, queries: 2")]
    [InlineData("method: forward, targets: ffn_")]
    public void A_log_on_its_base_is_the_tuned_model_to_the_bit(string keys)
    {
        using (TrainingRun run = Open(keys, steps: 5))
            run.Train();
        Assert.Equal(5, TrainingRun.Replay(_folder["log"], _folder["base.gguf"], _folder["again.gguf"]));
        Assert.NotEqual(Numbers("base.gguf"), Numbers("out.gguf"));
        Assert.Equal(Numbers("out.gguf"), Numbers("again.gguf"));
    }

    [Fact]
    public void A_step_takes_eight_bytes()
    {
        long Length(int steps)
        {
            using (TrainingRun run = Open("method: sgd", steps))
                run.Train();
            File.Delete(_folder["out.gguf.checkpoint"]);
            return new FileInfo(_folder["log"]).Length;
        }

        Assert.Equal(8 * 4, Length(steps: 7) - Length(steps: 3));
    }

    [Fact]
    public void An_adapter_s_log_gives_the_adapter()
    {
        using (TrainingRun run = Open("method: sgd", steps: 3, "adapter: { kind: dora, rank: 2 }\n", output: "out"))
            run.Train();
        TrainingRun.Replay(_folder["log"], _folder["base.gguf"], _folder["again"]);
        Assert.Equal(File.ReadAllBytes(_folder["out/adapter_model.safetensors"]), File.ReadAllBytes(_folder["again/adapter_model.safetensors"]));
    }

    [Fact]
    public void A_training_that_is_broken_off_goes_on_with_its_log()
    {
        using (TrainingRun whole = Open("method: momentum", steps: 6, output: "whole.gguf", log: "whole"))
            whole.Train();
        using (var stop = new CancellationTokenSource())
        using (TrainingRun first = Open("method: momentum", steps: 6))
            first.Train(new StopAfter(3, stop), stop.Token);
        using (FileStream log = File.OpenWrite(_folder["log"]))   // a step that was lost with its checkpoint
            log.Seek(0, SeekOrigin.End);
        File.AppendAllText(_folder["log"], "lost by a");
        using (TrainingRun second = Open("method: momentum", steps: 6))
            second.Train();
        Assert.Equal(Numbers("whole.gguf"), Numbers("out.gguf"));
        TrainingRun.Replay(_folder["log"], _folder["base.gguf"], _folder["again.gguf"]);
        Assert.Equal(Numbers("whole.gguf"), Numbers("again.gguf"));
    }

    [Fact]
    public void A_log_for_another_base_or_a_cut_one_is_refused()
    {
        using (TrainingRun run = Open("method: sgd", steps: 3))
            run.Train();
        Assert.Contains("is of another base", Refusal(_folder["log"], _folder["out.gguf"]), StringComparison.Ordinal);
        byte[] log = File.ReadAllBytes(_folder["log"]);
        File.WriteAllBytes(_folder["cut"], log[..^3]);
        Assert.Contains("is cut in the middle of entry 3", Refusal(_folder["cut"], _folder["base.gguf"]), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["cut"], log[..60]);
        Assert.Contains("is cut in its heading", Refusal(_folder["cut"], _folder["base.gguf"]), StringComparison.Ordinal);
        Assert.Contains("is no log of a training", Refusal(_folder["texts.txt"], _folder["base.gguf"]), StringComparison.Ordinal);
    }

    private static string Refusal(string log, string model) =>
        Assert.Throws<InvalidDataException>(() => TrainingRun.Replay(log, model, Path.Combine(Path.GetDirectoryName(log)!, "refused.gguf"))).Message;

    private TrainingRun Open(string keys, int steps, string more = "", string output = "out.gguf", string log = "log")
    {
        File.WriteAllText(_folder["recipe.yaml"], $"model: base.gguf\n{more}texts: [{{ path: texts.txt }}]\nzeroth_order: {{ {keys}, log: {log} }}\nheld_out: 0\nlength: 24\nbatch_tokens: 64\nrate: 0.0001\nsteps: {steps}\nthreads: 1\noutput: {output}\n");
        return new TrainingRun(TrainingRecipe.Load(_folder["recipe.yaml"]));
    }

    private float[] Numbers(string name)
    {
        using var file = ModelFile.Open(_folder[name]);
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
