using Thimble.Models.Architectures;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Recurrent and hybrid architectures in forms that no fixture has: however tokens are fed, the same bits come out.</summary>
public class HybridModelTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    private static readonly Dictionary<string, Func<TinyModel>> s_models = new()
    {
        ["falcon mamba"] = () => Mamba().Key("ssm.dt_b_c_rms", true),
        ["mamba2 without norm"] = () => new TinyModel("mamba2").Norms("attn_norm").Spaces(_ => true).Without("blk.0.ssm_norm.weight").Without("blk.1.ssm_norm.weight"),
        ["jamba experts"] = () => Hybrid("jamba").Gated().Mixture().Norms("attn_norm", "ffn_norm"),
        ["granitehybrid experts"] = () => Hybrid("granitehybrid").Gated().Mixture().Shared().Norms("attn_norm", "ffn_norm")
            .Key("residual_scale", 0.3).Key("embedding_scale", 6.0).Key("logit_scale", 2.0).Key("attention.scale", 0.1),
        ["nemotron_h_moe"] = () => NemotronMixture(),
        ["qwen3next"] = () => Qwen3Next().Mixture().Shared().From(1, "ffn_gate_inp_shexp.weight", TinyModel.Width),
        ["qwen35"] = () => Qwen35("qwen35"),
        ["qwen35moe"] = () => Qwen35("qwen35moe").Mixture().Shared().From(1, "ffn_gate_inp_shexp.weight", TinyModel.Width),
        ["rwkv6"] = () => Rwkv6(),
        ["rwkv6 halved"] = () => Rwkv6().Key("rescale_every_n_layers", 1L),
        ["rwkv6qwen2"] = () => Rwkv6Mix(new TinyModel("rwkv6qwen2"), keys: 32).Gated().Norms("attn_norm", "ffn_norm"),
        ["rwkv7"] = () => Rwkv7(),
        ["arwkv7"] = () => Arwkv7(),
    };

    internal static TinyModel Make(string name) => s_models[name]();

    public static TheoryData<string> Names => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Feeding_moves_no_bit(string name)
    {
        using var model = new Runs(s_models[name]().File(), threads: 2);
        float[][] whole = model.Logits(s_tokens, s_tokens.Length);
        Assert.All(whole[^1], value => Assert.True(float.IsFinite(value)));
        Assert.True(whole[^1].Max() - whole[^1].Min() > 0.1);
        Assert.Equal(whole, model.Logits(s_tokens, 1));
        Assert.Equal(whole, model.Logits(s_tokens, 7));
        using SequenceState one = model.Start(), two = model.Start();
        model.Feed((two, s_tokens[..5]), (one, s_tokens[..13]));
        Assert.Equal(whole[^1], model.Feed((two, s_tokens[5..9]), (one, s_tokens[13..]))[^1]);
    }

    [Fact]
    public void Interleaved_projections_are_those_of_newer_files()
    {
        TinyModel plain = Qwen3Next().Gated(), interleaved = Qwen3Next().Gated();
        foreach (int layer in new[] { 0, 1 })
        {
            float[][] mixed = [.. plain.Values($"blk.{layer}.attn_qkv.weight").Chunk(TinyModel.Width)], gates = [.. plain.Values($"blk.{layer}.attn_gate.weight").Chunk(TinyModel.Width)];
            interleaved.Tensor($"blk.{layer}.ssm_in.weight", [TinyModel.Width, 2 * 6 * 16], [.. Enumerable.Range(0, 2).SelectMany(head =>
                mixed[(head * 16)..((head + 1) * 16)].Concat(mixed[(32 + (head * 16))..(48 + (head * 16))])
                    .Concat(mixed[(64 + (head * 32))..(96 + (head * 32))]).Concat(gates[(head * 32)..((head + 1) * 32)])).SelectMany(row => row)]);
            interleaved.Without($"blk.{layer}.attn_qkv.weight").Without($"blk.{layer}.attn_gate.weight");
        }

        using Runs one = new(plain.File()), two = new(interleaved.File());
        Assert.Equal(one.Logits(s_tokens, 40), two.Logits(s_tokens, 40));
    }

    [Fact]
    public void What_contradicts_is_named()
    {
        Refuses(new TinyModel("mamba2").Norms("attn_norm").Spaces(_ => true).Key("ssm.group_count", 3L), "ssm.group_count");
        Refuses(new TinyModel("mamba2").Norms("attn_norm").Spaces(_ => true).Key("ssm.time_step_rank", 5L), "ssm.time_step_rank");
        Refuses(new TinyModel("mamba2").Norms("attn_norm").Spaces(_ => true).Key("ssm.conv_kernel", 4L), "blk.0.ssm_conv1d.weight");
        Refuses(new TinyModel("mamba2").Norms("attn_norm").Spaces(layer => layer == 0), "no tensor 'blk.1.ssm_in.weight'");
        Refuses(Hybrid("jamba").Gated().Norms("attn_norm", "ffn_norm").Key("attention.head_count_kv", MetadataArray.Of([2L, 2L])), "is 2; expected 0 in layer 1");
        Refuses(Hybrid("jamba").Gated().Norms("attn_norm", "ffn_norm").Key("attention.head_count_kv", MetadataArray.Of([0L, 0L])), "head_count_kv");
        Refuses(Qwen35("qwen35").Key("ssm.inner_size", 99L), "ssm.inner_size");
        Refuses(Qwen35("qwen35").Key("attention.value_length", 8L), "attention.value_length");
        Refuses(Rwkv6().Key("wkv.head_size", 15L), "heads of 15");
    }

    private static void Refuses(TinyModel model, string part)
    {
        using ModelFile file = model.File();
        string message = Assert.Throws<InvalidDataException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, default))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains("tiny.gguf", message, StringComparison.Ordinal);
    }

    private static TinyModel Mamba() => new TinyModel("mamba").Norms("attn_norm")
        .Key("ssm.inner_size", 48L).Key("ssm.state_size", 5L).Key("ssm.time_step_rank", 4L).Key("ssm.conv_kernel", 4L)
        .Each("ssm_in.weight", TinyModel.Width, 96).Each("ssm_conv1d.weight", 4, 48).Each("ssm_conv1d.bias", 48).Each("ssm_x.weight", 48, 14)
        .Each("ssm_dt.weight", 4, 48).Each("ssm_dt.bias", 48).Falling(_ => true, "ssm_a", 5, 48).Each("ssm_d", 48).Each("ssm_out.weight", 48, TinyModel.Width);

    /// <summary>Attention, then Mamba 2.</summary>
    internal static TinyModel Hybrid(string architecture) => TinyModelTests.Attended(architecture)
        .Key("attention.head_count_kv", MetadataArray.Of([(long)TinyModel.KeyHeads, 0L])).Spaces(layer => layer == 1)
        .Without(1, "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight");

    private static TinyModel NemotronMixture()
    {
        TinyModel model = new TinyModel("nemotron_h_moe", layers: 3).Norms("attn_norm").Spaces(layer => layer == 0)
            .Key("attention.head_count_kv", MetadataArray.Of([0L, TinyModel.KeyHeads, 0L])).Key("expert_weights_norm", true).Key("expert_weights_scale", 2.5)
            .Key("expert_count", (long)TinyModel.Experts).Key("expert_used_count", 3L);
        bool Attends(int layer) => layer == 1;
        bool Mixes(int layer) => layer == 2;
        return model.Where(Attends, "attn_q.weight", TinyModel.Width, 64).Where(Attends, "attn_k.weight", TinyModel.Width, 32)
            .Where(Attends, "attn_v.weight", TinyModel.Width, 32).Where(Attends, "attn_output.weight", 64, TinyModel.Width)
            .Where(Mixes, "ffn_gate_inp.weight", TinyModel.Width, TinyModel.Experts).Where(Mixes, "exp_probs_b.bias", TinyModel.Experts)
            .Where(Mixes, "ffn_up_exps.weight", TinyModel.Width, 48, TinyModel.Experts).Where(Mixes, "ffn_down_exps.weight", 48, TinyModel.Width, TinyModel.Experts)
            .Where(Mixes, "ffn_up_shexp.weight", TinyModel.Width, 48).Where(Mixes, "ffn_down_shexp.weight", 48, TinyModel.Width);
    }

    /// <summary>Two delta nets of four heads over two keys, then gated attention.</summary>
    private static TinyModel Delta(string architecture)
    {
        bool Remembers(int layer) => layer < 2;
        bool Attends(int layer) => layer == 2;
        return new TinyModel(architecture, layers: 3).Norms("attn_norm", "post_attention_norm")
            .Key("ssm.inner_size", 64L).Key("ssm.state_size", 16L).Key("ssm.time_step_rank", 4L).Key("ssm.group_count", 2L).Key("ssm.conv_kernel", 4L)
            .Where(Remembers, "attn_qkv.weight", TinyModel.Width, 128).Where(Remembers, "attn_gate.weight", TinyModel.Width, 64)
            .Where(Remembers, "ssm_conv1d.weight", 4, 128).Where(Remembers, "ssm_dt.bias", 4).Falling(Remembers, "ssm_a", 4)
            .Where(Remembers, "ssm_norm.weight", 16).Where(Remembers, "ssm_out.weight", 64, TinyModel.Width)
            .Where(Attends, "attn_q.weight", TinyModel.Width, 128).Where(Attends, "attn_k.weight", TinyModel.Width, 32).Where(Attends, "attn_v.weight", TinyModel.Width, 32)
            .Where(Attends, "attn_output.weight", 64, TinyModel.Width).Where(Attends, "attn_q_norm.weight", 16).Where(Attends, "attn_k_norm.weight", 16)
            .Key("rope.dimension_count", 8L);
    }

    internal static TinyModel Qwen3Next() => Delta("qwen3next").Where(layer => layer < 2, "ssm_ba.weight", TinyModel.Width, 8).Gated();

    private static TinyModel Qwen35(string architecture) => Delta(architecture).Gated()
        .Where(layer => layer < 2, "ssm_alpha.weight", TinyModel.Width, 4).Where(layer => layer < 2, "ssm_beta.weight", TinyModel.Width, 4);

    internal static TinyModel Rwkv6() => Rwkv6Mix(new TinyModel("rwkv6", centred: true), keys: 64)
        .Tensor("token_embd_norm.weight", TinyModel.Width).Norms("attn_norm", "attn_norm_2")
        .Each("time_mix_first.weight", 16, 4).Each("time_mix_ln.weight", TinyModel.Width).Each("time_mix_ln.bias", TinyModel.Width)
        .Each("channel_mix_lerp_k.weight", TinyModel.Width).Each("channel_mix_lerp_r.weight", TinyModel.Width)
        .Each("channel_mix_key.weight", TinyModel.Width, 96).Each("channel_mix_value.weight", 96, TinyModel.Width).Each("channel_mix_receptance.weight", TinyModel.Width, TinyModel.Width);

    private static TinyModel Rwkv6Mix(TinyModel model, int keys) => model.Key("wkv.head_size", 16L).Key("attention.head_count_kv", keys / 16L)
        .Each("time_mix_w1.weight", TinyModel.Width, 5 * 8).Each("time_mix_w2.weight", 8, TinyModel.Width, 5)
        .Each("time_mix_lerp_x.weight", TinyModel.Width).Each("time_mix_lerp_fused.weight", TinyModel.Width, 1, 1, 5)
        .Each("time_mix_decay.weight", TinyModel.Width).Each("time_mix_decay_w1.weight", TinyModel.Width, 8).Each("time_mix_decay_w2.weight", 8, TinyModel.Width)
        .Each("time_mix_key.weight", TinyModel.Width, keys).Each("time_mix_value.weight", TinyModel.Width, keys)
        .Each("time_mix_receptance.weight", TinyModel.Width, TinyModel.Width).Each("time_mix_gate.weight", TinyModel.Width, TinyModel.Width)
        .Each("time_mix_output.weight", TinyModel.Width, TinyModel.Width);

    /// <summary>All parts of RWKV 7 in both layers, though the first needs no way from earlier values.</summary>
    internal static TinyModel Rwkv7()
    {
        TinyModel model = new TinyModel("rwkv7", centred: true).Key("wkv.head_size", 16L).Key("attention.head_count", 0L).Without("output_norm.weight").Tensor("output_norm.weight", TinyModel.Width)
            .Tensor("output_norm.bias", TinyModel.Width).Tensor("token_embd_norm.weight", TinyModel.Width).Tensor("token_embd_norm.bias", TinyModel.Width).Norms("attn_norm", "attn_norm_2")
            .Each("attn_norm.bias", TinyModel.Width).Each("attn_norm_2.bias", TinyModel.Width).Each("time_mix_lerp_fused.weight", TinyModel.Width, 1, 1, 6)
            .Each("time_mix_ln.weight", TinyModel.Width).Each("time_mix_ln.bias", TinyModel.Width).Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary)
            .Each("channel_mix_lerp_k.weight", TinyModel.Width, 1, 1).Each("channel_mix_key.weight", TinyModel.Width, 96).Each("channel_mix_value.weight", 96, TinyModel.Width);
        foreach (string part in new[] { "w", "a", "v", "g" })
            model.Each($"time_mix_{part}1.weight", TinyModel.Width, 8).Each($"time_mix_{part}2.weight", 8, TinyModel.Width);
        foreach (string part in new[] { "w0", "a0", "v0", "k_k", "k_a", "r_k" })
            model.Each($"time_mix_{part}.weight", TinyModel.Width);
        foreach (string part in new[] { "key", "value", "receptance", "output" })
            model.Each($"time_mix_{part}.weight", TinyModel.Width, TinyModel.Width);
        return model;
    }

    private static TinyModel Arwkv7()
    {
        TinyModel model = new TinyModel("arwkv7").Key("wkv.head_size", 16L).Gated().Norms("attn_norm", "ffn_norm").Each("time_mix_lerp_fused.weight", TinyModel.Width, 1, 1, 5);
        foreach (string part in new[] { "w", "a", "v" })
            model.Each($"time_mix_{part}0.weight", TinyModel.Width).Each($"time_mix_{part}1.weight", TinyModel.Width, 8).Each($"time_mix_{part}2.weight", 8, TinyModel.Width);
        foreach (string part in new[] { "k_k", "k_a", "r_k" })
            model.Each($"time_mix_{part}.weight", TinyModel.Width);
        foreach (string part in new[] { "key", "value", "receptance", "output" })
            model.Each($"time_mix_{part}.weight", TinyModel.Width, TinyModel.Width);
        return model;
    }
}
