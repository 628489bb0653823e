using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Blocks;

/// <summary>Experts that share forks give the bits of experts that are run one by one.</summary>
public class ExpertsTogetherTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    [Theory]
    [InlineData("F32", 1)]
    [InlineData("F32", 2)]
    [InlineData("Q8_0", 1)]
    [InlineData("Q4_0", 3)]
    public void Bits_are_those_of_experts_one_by_one(string format, int threads)
    {
        using var model = new Runs(Mixture("qwen3moe").File(format), format == "F32" ? Precision.Floats : Precision.Bytes, threads: threads);
        Check(model);
    }

    [Fact]
    public void Biases_and_plain_blocks_are_counted()
    {
        using Runs biased = new(Mixture("gpt-oss").Biased("ffn_up_exps", TinyModel.Wide).Biased("ffn_gate_exps", TinyModel.Wide).Biased("ffn_down_exps", TinyModel.Width).File());
        Check(biased);
        using Runs plain = new(Mixture("nomic-bert-moe", gated: false).Without("output_norm.weight").Tensor("token_embd_norm.weight", TinyModel.Width).File());
        Assert.NotNull(Experts(plain).Together);
    }

    [Fact]
    public void Shares_of_inputs_are_counted()
    {
        using Runs model = new(TinyModelTests.Make("llama4").File());
        Check(model);
    }

    [Fact]
    public void Experts_of_many_choices_run_one_by_one()
    {
        int[] many = [.. Enumerable.Range(0, 120).Select(i => (i * 37) % TinyModel.Vocabulary)];
        using Runs model = new(Mixture("qwen3moe").File());
        Assert.True(many.Length * Experts(model).Router.Used > ExpertsTogether.Most);
        Assert.Equal(model.Logits(many, 120), model.Logits(many, 9));
    }

    private static void Check(Runs model)
    {
        Assert.NotNull(Experts(model).Together);
        float[][] together = model.Logits(s_tokens, 40), single = model.Logits(s_tokens, 1);
        int products = 0;
        model.Observer = (_, _) => products++;
        Assert.Equal(model.Logits(s_tokens, 40), together);
        Assert.Equal(together, single);
        Assert.True(products > 0);
    }

    private static MixtureOfExperts Experts(Runs model) => model.Decoder.Layers.SelectMany(layer => layer.Steps).OfType<Residual>().Select(step => step.Block).OfType<MixtureOfExperts>().First();

    private static TinyModel Mixture(string architecture, bool gated = true)
    {
        TinyModel model = TinyModelTests.Attended(architecture).Norms(architecture switch
        {
            "gpt-oss" => ["attn_norm", "post_attention_norm"],
            "nomic-bert-moe" => ["attn_output_norm", "layer_output_norm"],
            _ => ["attn_norm", "ffn_norm"],
        }).Mixture();
        foreach (string part in gated ? (string[])["up", "gate"] : ["up"])
            model.Tensor($"blk.0.ffn_{part}_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts);
        model.Tensor("blk.0.ffn_gate_inp.weight", TinyModel.Width, TinyModel.Experts).Tensor("blk.0.ffn_down_exps.weight", TinyModel.Wide, TinyModel.Width, TinyModel.Experts);
        return gated ? model : model.Without("blk.1.ffn_gate_exps.weight");
    }
}

/// <summary>What experts may have beside their matrices.</summary>
internal static class TinyExpertBiases
{
    public static TinyModel Biased(this TinyModel model, string name, int size) => model.Each(name + ".bias", size, TinyModel.Experts);
}
