using Thimble.Models.Architectures;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Files whose metadata and tensors do not fit each other are refused, and the message names what does not fit.</summary>
public class ContradictionTests
{
    [Fact]
    public void Head_counts_that_do_not_fit_are_named()
    {
        Refuses(Dense().Key("attention.head_count", 0L), "attention.head_count");
        Refuses(Dense().Key("attention.head_count_kv", 3L), "head_count_kv' of 'tiny.gguf' is 3");
        Refuses(Dense().Key("attention.head_count", 8L), "blk.0.attn_k.weight");
        Refuses(Dense().Key("attention.head_count", MetadataArray.Of([4L])), "layer 1");
        Refuses(Dense().Key("attention.key_length", 32L), "blk.0.attn_q.weight");
        Refuses(Dense().Key("rope.dimension_count", 99L), "rope.dimension_count");
    }

    [Fact]
    public void Shares_of_rotations_that_do_not_fit_are_named()
    {
        foreach (long[] sections in (long[][])[[9, 9, 9, 0], [2, 3], [2, -1, 3, 0], [0, 0, 0, 0], [1, 1, 1, 1, 1]])
            Refuses(TinyModelTests.Dense("qwen2vl").Key("rope.dimension_sections", MetadataArray.Of(sections)), "rope.dimension_sections");
        Refuses(Dense().Key("rope.dimension_count", 7L), "rope.dimension_count");
    }

    [Fact]
    public void Tensors_of_another_shape_are_named()
    {
        Refuses(Dense().Tensor("blk.1.ffn_down.weight", 95, TinyModel.Width), "blk.1.ffn_down.weight");
        Refuses(Dense().Tensor("blk.0.attn_q_norm.weight", 7), "blk.0.attn_q_norm.weight");
        Refuses(Dense().Key("embedding_length", 32L), "token_embd.weight");
        Refuses(Dense().Tensor("rope_freqs.weight", 5), "rope_freqs.weight");
    }

    [Fact]
    public void Missing_and_surplus_tensors_are_named()
    {
        Refuses(Dense().Without("blk.1.ffn_up.weight"), "no tensor 'blk.1.ffn_up.weight'");
        Refuses(Dense().Without("output_norm.weight"), "no tensor 'output_norm.weight'");
        Refuses(Dense().Key("block_count", 1L), "blk.1.");
        Refuses(Dense().Key("block_count", 3L), "blk.2.");
    }

    [Fact]
    public void Experts_that_do_not_fit_are_named()
    {
        Refuses(Mixture().Key("expert_count", 7L), "blk.1.ffn_up_exps.weight");
        Refuses(Mixture().Key("expert_used_count", 9L), "expert_used_count");
        Refuses(Mixture().Key("expert_gating_func", 12L), "expert_gating_func");
        Refuses(Mixture().Key("expert_group_count", 3L).Key("expert_group_used_count", 1L), "expert_group_count");
        Refuses(Mixture().Tensor("blk.1.ffn_gate_inp.weight", TinyModel.Width, 5), "blk.1.ffn_gate_inp.weight");
        Refuses(Mixture().Without("blk.1.ffn_down_exps.weight"), "blk.1.ffn_down_exps.weight");
    }

    [Fact]
    public void Gains_and_biases_that_are_no_numbers_are_named()
    {
        TinyModel broken = Dense();
        broken.Values("blk.1.ffn_norm.weight")[3] = float.NaN;
        Refuses(broken, "Value 3 of tensor 'blk.1.ffn_norm.weight'");
    }

    [Theory]
    [InlineData("blk.1.ffn_up.weight", float.NaN)]
    [InlineData("blk.0.attn_v.weight", float.PositiveInfinity)]
    [InlineData("output.weight", float.NaN)]
    [InlineData("token_embd.weight", float.NaN)]
    public void Weights_that_are_no_numbers_are_named_when_they_are_met(string name, float value)
    {
        TinyModel broken = Dense().Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary);
        broken.Values(name)[(3 * TinyModel.Width) + 5] = value;
        using var model = new Runs(broken.File());
        string message = Assert.Throws<InvalidDataException>(() => model.Logits([1, 3, 2], 3)).Message;
        Assert.Equal($"Row 3 of tensor '{name}' of 'tiny.gguf' has a value that is no number; the file is damaged.", message);
    }

    [Fact]
    public void An_unknown_architecture_is_answered_with_the_known_ones()
    {
        using ModelFile file = new TinyModel("mamba9").File();
        string message = Assert.Throws<NotSupportedException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, default))).Message;
        Assert.Contains("'mamba9'", message, StringComparison.Ordinal);
        Assert.Contains("gemma3, ", message, StringComparison.Ordinal);
    }

    private static TinyModel Dense() => TinyModelTests.Dense("llama");

    private static TinyModel Mixture() => TinyModelTests.Dense("qwen3moe").Mixture();

    private static void Refuses(TinyModel model, string part)
    {
        using ModelFile file = model.File();
        string message = Assert.Throws<InvalidDataException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, default))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains("tiny.gguf", message, StringComparison.Ordinal);
    }
}
