using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>Adapters put into weights, taken out again, and laid on other bases.</summary>
public class AdapterMergeTests
{
    [Theory]
    [InlineData("lora")]
    [InlineData("dora")]
    public void Merged_is_unmerged_and_goes_back(string kind)
    {
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options(kind)).Stir(size: 0.05f);
        using var plain = new TrainedModel(model.File);
        float[][] beside = model.Logits(AdaptedModel.Text), before = Logits(plain);
        EachWeight(model, plain, (change, gemm, weight) => change.Merge(gemm, weight));
        Assert.InRange(Greatest(beside, Logits(plain)), 0, 1e-4f);   // of logits of about 10
        Assert.InRange(Greatest(before, beside), 1e-2f, 1e3f);
        EachWeight(model, plain, (change, gemm, weight) => change.Unmerge(gemm, weight));
        Assert.InRange(Greatest(before, Logits(plain)), 0, 1e-4f);
    }

    [Theory]
    [InlineData("series")]
    [InlineData("parallel")]
    [InlineData("scaled_parallel")]
    public void What_bends_is_not_merged(string kind)
    {
        using var model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options(kind));
        using var plain = new TrainedModel(model.File);
        Assert.Throws<NotSupportedException>(() => EachWeight(model, plain, (change, gemm, weight) => change.Merge(gemm, weight)));
        Assert.Throws<NotSupportedException>(() => EachWeight(model, plain, (change, gemm, weight) => change.Unmerge(gemm, weight)));
    }

    [Fact]
    public void Dora_that_was_merged_elsewhere_cannot_be_taken_out()
    {
        using var model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options("dora"));
        using var plain = new TrainedModel(model.File);
        Assert.Contains("does not tell how long its rows were", Assert.Throws<NotSupportedException>(() =>
            EachWeight(model, plain, (change, gemm, weight) => change.Unmerge(gemm, weight))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dora")]
    [InlineData("lora")]
    public void A_conversion_merges_the_folder_that_was_written(string kind)
    {
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options(kind)).Stir(size: 0.05f);
        using var folder = new TemporaryFolder();
        LlmAdapters.Save(folder["adapter"], model.Graph, model.Options!, model.File);
        Thimble.Lab.Quantize.Quantizer.Run(AdaptedModel.Stories, folder["merged.gguf"], new() { Type = "F32", Adapters = [new(folder["adapter"], 1)] });
        using var merged = new AdaptedModel(folder["merged.gguf"]);
        Assert.InRange(LlmAdaptersTests.Error(model.Logits(AdaptedModel.Text), merged.Logits(AdaptedModel.Text)), 0, 1e-9);
    }

    [Fact]
    public void An_adapter_for_another_base_is_refused_and_for_another_format_of_it_is_not()
    {
        using var folder = new TemporaryFolder();
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options("dora")).Stir();
        LlmAdapters.Save(folder["adapter"], model.Graph, model.Options!, model.File);
        Thimble.Lab.Quantize.Quantizer.Run(AdaptedModel.Stories, folder["small.gguf"], new() { Type = "Q8_0" });
        using (var small = Model.Open(folder["small.gguf"]))
            small.LoadAdapter(folder["adapter"]).Dispose();
        using (var other = new TrainedModel(model.File))
        {
            other.Graph.Parameters.First(parameter => parameter.Name == "blk.2.attn_k.weight").Values[5] += 0.01f;
            other.Save(folder["other.gguf"]);
        }

        using var wrong = Model.Open(folder["other.gguf"]);
        Assert.Contains("was trained on another base", Assert.Throws<InvalidDataException>(() => wrong.LoadAdapter(folder["adapter"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lora_goes_through_gguf_too_and_nothing_else_does()
    {
        using var folder = new TemporaryFolder();
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options("lora")).Stir();
        Assert.InRange(LlmAdaptersTests.Error(model.Logits(AdaptedModel.Text), model.Served(folder["adapter.gguf"], AdaptedModel.Text)), 0, 1e-9);
        using var series = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options("series"));
        Assert.Contains("give a folder's name", Assert.Throws<NotSupportedException>(() => series.Served(folder["series.gguf"], AdaptedModel.Text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_has_the_names_that_peft_gives()
    {
        using var folder = new TemporaryFolder();
        using var model = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options("dora"));
        LlmAdapters.Save(folder["adapter"], model.Graph, model.Options!, model.File);
        using var weights = Safetensors.Open(folder["adapter/adapter_model.safetensors"]);
        Assert.True(weights.TryGet("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", out SafeTensor? a));
        Assert.Equal([4L, 64L], a.Shape);
        Assert.True(weights.TryGet("base_model.model.model.layers.4.mlp.down_proj.lora_B.weight", out SafeTensor? b));
        Assert.Equal([64L, 4L], b.Shape);
        Assert.True(weights.TryGet("base_model.model.model.layers.4.mlp.down_proj.lora_magnitude_vector", out _));
        Assert.Contains("\"use_dora\": true", File.ReadAllText(folder["adapter/adapter_config.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_change_places_as_an_imported_model_s_do()
    {
        float[] ours = [.. Enumerable.Range(0, 48).Select(i => (float)i)];
        float[] theirs = PeftParted(ours, heads: 2, outputs: 16, stretch: 3), columns = PeftParted(ours, heads: 2, outputs: 16, stretch: 1);
        Assert.Equal(ours[3..6], theirs[12..15]);   // row 1 of a head is the first of its second half
        Assert.Equal(ours[6..9], theirs[3..6]);
        Assert.Equal(ours[17], columns[16 + 4]);
    }

    private static float[] PeftParted(float[] values, int heads, int outputs, int stretch) => Thimble.Models.Adapters.PeftModules.Parted(values, heads, outputs, stretch);

    private static void EachWeight(AdaptedModel model, TrainedModel plain, Action<IChange, Gemm, Matrix> work)
    {
        using var team = new Team(1);
        using var gemm = new Gemm(team);
        foreach ((Parameter frozen, IChange change) in model.Graph.Changes)
        {
            Parameter weight = plain.Graph.Parameters.First(parameter => parameter.Name == frozen.Name);
            work(change, gemm, new Matrix(weight.Values, weight.Columns));
        }
    }

    private static float[][] Logits(TrainedModel model)
    {
        using var team = new Team(1);
        using var tape = new Tape(team) { Pulls = false, Batch = Batch.Of([[.. AdaptedModel.Text, 0]]) };
        Matrix logits = model.Graph.Head().Logits(tape, model.Graph.Vectors(tape).Result);
        float[][] rows = new float[logits.Rows][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = logits[i].ToArray();
        return rows;
    }

    private static float Greatest(float[][] one, float[][] other) => one.Zip(other).Max(pair => pair.First.Zip(pair.Second).Max(values => Math.Abs(values.First - values.Second)));
}
