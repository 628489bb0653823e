using Thimble.Models.Architectures;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Delta nets (d), Mamba 2 (m), attention (a) and feed-forward (f) in any order, on tiny random models.</summary>
public class NemotronFlashTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    [Theory]
    [InlineData("dfmfafmf")]   // a stage of the paper's model of a billion parameters
    [InlineData("d")]
    [InlineData("mm")]
    [InlineData("afad")]
    [InlineData("Dfaf")]       // D: feed-forward in the delta net's own layer
    public void Recurrent_chunked_and_batched_are_one(string order)
    {
        using var model = new Runs(Tiny(order).File(), threads: 2);
        float[][] whole = model.Logits(s_tokens, s_tokens.Length);
        Assert.True(whole[^1].Max() - whole[^1].Min() > 0.1);
        Assert.Equal(whole, model.Logits(s_tokens, 1));
        Assert.Equal(whole, model.Logits(s_tokens, 7));
        using SequenceState one = model.Start(), two = model.Start();
        model.Feed((two, s_tokens[..5]), (one, s_tokens[..13]));
        Assert.Equal(whole[^1], model.Feed((two, s_tokens[5..9]), (one, s_tokens[13..]))[^1]);
    }

    [Fact]
    public void Meta_tokens_are_computed_once_and_shared()
    {
        int[] meta = [.. Enumerable.Range(TinyModel.Vocabulary - 8, 8)];
        using var model = new Runs(Tiny("dfmfaf").File());
        float[][] whole = model.Logits([.. meta, .. s_tokens], 48);
        using SequenceState begun = model.Start();
        model.Feed((begun, meta));
        using SequenceState one = begun.Fork(), two = begun.Fork();
        Assert.Equal(whole[8..], model.Feed((one, s_tokens)));
        Assert.Equal(whole[8..18], model.Feed((two, s_tokens[..10])));
    }

    [Fact]
    public void A_delta_net_keeps_the_same_however_long_the_text()
    {
        using var model = new Runs(Tiny("dfmf").File());
        Assert.All(model.Decoder.States, state => Assert.Null(state.Keys));
        Assert.Equal((3 * 160) + (4 * 12 * 16), model.Decoder.States[0].Floats);
    }

    [Fact]
    public void A_layer_of_nothing_is_named()
    {
        using ModelFile file = Tiny("df").Without("blk.1.ffn_norm.weight").File();
        string message = Assert.Throws<InvalidDataException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, default))).Message;
        Assert.Contains("Layer 1 of 'tiny.gguf'", message, StringComparison.Ordinal);
    }

    private static TinyModel Tiny(string order)
    {
        bool Delta(int layer) => order[layer] is 'd' or 'D';
        bool Attends(int layer) => order[layer] == 'a';
        bool Feeds(int layer) => order[layer] is 'f' or 'D';
        return new TinyModel("nemotron_flash", order.Length)
            .Spaces(layer => order[layer] == 'm').Key("ssm.conv_kernel", 4L).Where(layer => order[layer] == 'm', "ssm_conv1d.weight", 4, 160)
            .Key("delta.head_count", 4L).Key("delta.key_length", 12L).Key("delta.value_length", 16L).Key("rope.freq_base", 10_000.0)
            .Where(layer => order[layer] != 'f', "attn_norm.weight", TinyModel.Width).Where(Feeds, "ffn_norm.weight", TinyModel.Width)
            .Where(Delta, "attn_qkv.weight", TinyModel.Width, 160).Where(Delta, "ssm_conv1d.weight", 4, 160).Where(Delta, "ssm_beta.weight", TinyModel.Width, 4)
            .Where(Delta, "ssm_norm.weight", 16).Where(Delta, "ssm_out.weight", 64, TinyModel.Width)
            .Where(Attends, "attn_q.weight", TinyModel.Width, 64).Where(Attends, "attn_k.weight", TinyModel.Width, 32)
            .Where(Attends, "attn_v.weight", TinyModel.Width, 32).Where(Attends, "attn_output.weight", 64, TinyModel.Width)
            .Where(Feeds, "ffn_gate.weight", TinyModel.Width, 96).Where(Feeds, "ffn_up.weight", TinyModel.Width, 96).Where(Feeds, "ffn_down.weight", 96, TinyModel.Width);
    }
}
