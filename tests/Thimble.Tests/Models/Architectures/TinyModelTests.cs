using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Architectures that nobody's logits are here for: however tokens are fed, the same bits come out.</summary>
public class TinyModelTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    private static readonly Dictionary<string, Func<TinyModel>> s_models = new()
    {
        ["gemma3"] = () => Dense("gemma3", layers: 7).Norms("post_attention_norm", "post_ffw_norm").HeadNorms().Key("attention.sliding_window", 9L),
        ["olmo2"] = () => Attended("olmo2").Gated().Norms("post_attention_norm", "post_ffw_norm")
            .Each("attn_q_norm.weight", TinyModel.Width).Each("attn_k_norm.weight", TinyModel.KeyHeads * TinyModel.Size),
        ["olmo2 local"] = () => Attended("olmo2", layers: 5).Gated().Norms("post_attention_norm", "post_ffw_norm").Key("attention.sliding_window", 9L),
        ["cohere2"] = () => Attended("cohere2", layers: 5, centred: true).Gated().Norms("attn_norm").Key("attention.sliding_window", 9L).Key("logit_scale", 0.5),
        ["command-r"] = () => Attended("command-r", centred: true).Gated().Norms("attn_norm")
            .Each("attn_q_norm.weight", TinyModel.Size, TinyModel.Heads).Each("attn_k_norm.weight", TinyModel.Size, TinyModel.KeyHeads),
        ["apertus"] = () => Attended("apertus").Plain().Norms("attn_norm", "ffn_norm").HeadNorms()
            .WholeKey("xielu.alpha_n", MetadataArray.Of([0.5, 0.8])).WholeKey("xielu.alpha_p", MetadataArray.Of([0.7, 0.9]))
            .WholeKey("xielu.beta", 0.5).WholeKey("xielu.eps", -1e-6),
        ["bitnet"] = () => Dense("bitnet").Norms("attn_sub_norm").Each("ffn_sub_norm.weight", TinyModel.Wide).Each("attn_q.scale", 1).Each("ffn_down.scale", 1),
        ["deepseek"] = () => Dense("deepseek").Mixture().Shared(),
        ["dots1"] = () => Dense("dots1").Mixture().Shared().HeadNorms().Key("expert_gating_func", 2L).Key("expert_weights_norm", true),
        ["bailingmoe"] = () => Dense("bailingmoe").Mixture().Shared().Key("expert_weights_scale", 2.5),
        ["bailingmoe2"] = () => Dense("bailingmoe2").Mixture().Shared().HeadNorms().Key("expert_gating_func", 2L)
            .Key("expert_group_count", 4L).Key("expert_group_used_count", 2L).From(1, "exp_probs_b.bias", TinyModel.Experts),
        ["hunyuan-moe"] = () => Dense("hunyuan-moe").Mixture().Shared().HeadNorms(),
        ["llama4"] = () => Dense("llama4", layers: 4).Mixture().Shared(),
        ["dbrx"] = () => Attended("dbrx", centred: true).Gated().Mixture().Norms("attn_norm", "attn_output_norm").Key("attention.clamp_kqv", 0.5),
        ["arcee"] = () => Attended("arcee").Plain().Norms("attn_norm", "ffn_norm"),
        ["seed_oss"] = () => Attended("seed_oss").Gated().Norms("attn_norm", "post_attention_norm"),
        ["gptj"] = () => Attended("gptj", centred: true).Plain().Norms("attn_norm").Each("ffn_up.bias", TinyModel.Wide).Key("rope.dimension_count", 8L),
        ["opt"] = () => Attended("opt", centred: true).Plain().Norms("attn_norm", "ffn_norm").Tensor("position_embd.weight", TinyModel.Width, 256),
        ["gptneox after"] = () => Attended("gptneox", centred: true).Plain().Norms("attn_norm", "ffn_norm").Key("use_parallel_residual", false),
        ["baichuan 40"] = () => Dense("baichuan", layers: 40),
        ["minicpm3"] = () => Latent("minicpm3", 24, 8, 16, 32).Gated().Without("blk.0.attn_q.weight").Without("blk.1.attn_q.weight")
            .Each("attn_q_a.weight", TinyModel.Width, 24).Each("attn_q_a_norm.weight", 24).Each("attn_q_b.weight", 24, TinyModel.Heads * 32)
            .Each("attn_kv_b.weight", 32, TinyModel.Heads * (24 + 16)),
        ["gemma3n"] = () => Gemma3n(),
        ["mistral3 tempered"] = () => Dense("mistral3").Key("attention.temperature_scale", 0.1).Key("rope.scaling.original_context_length", 8L),
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
    public void Keys_and_values_in_one_matrix_are_those_in_two()
    {
        const int plain = 24, turned = 8, value = 12, rank = 32;
        TinyModel joined = Latent(plain, turned, value, rank), parted = Latent(plain, turned, value, rank);
        for (int layer = 0; layer < joined.Layers; layer++)
        {
            joined.Tensor($"blk.{layer}.attn_kv_b.weight", rank, TinyModel.Heads * (plain + value));
            float[][] rows = [.. joined.Values($"blk.{layer}.attn_kv_b.weight").Chunk(rank)];
            parted.Tensor($"blk.{layer}.attn_k_b.weight", [plain, rank, TinyModel.Heads], [.. rows.Chunk(plain + value).SelectMany(head =>
                Enumerable.Range(0, rank).SelectMany(column => head[..plain].Select(row => row[column])))]);
            parted.Tensor($"blk.{layer}.attn_v_b.weight", [rank, value, TinyModel.Heads], [.. rows.Chunk(plain + value).SelectMany(head =>
                head[plain..].SelectMany(row => row))]);
        }

        using Runs one = new(joined.File()), two = new(parted.File());
        Assert.Equal(one.Logits(s_tokens, 40), two.Logits(s_tokens, 7));
    }

    /// <summary>As many layers as llama.cpp needs to share keys and values, two with and two without.</summary>
    private static TinyModel Gemma3n()
    {
        const int layers = 22, parts = 4, small = 256, rank = 64;
        TinyModel model = Attended("gemma3n", layers).Gated().HeadNorms().Norms("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm", "laurel_post_norm", "altup_router_norm", "post_norm")
            .Key("attention.sliding_window", 9L).Key("attention.key_length", (long)TinyModel.Size).Key("attention.value_length", (long)TinyModel.Size)
            .Tensor("per_layer_token_embd.weight", small * layers, TinyModel.Vocabulary).Tensor("per_layer_model_proj.weight", TinyModel.Width, small * layers)
            .Tensor("per_layer_proj_norm.weight", small)
            .Tensor("altup_proj.weight", TinyModel.Width, TinyModel.Width, parts - 1).Tensor("altup_unembd_proj.weight", TinyModel.Width, TinyModel.Width, parts - 1);
        model.Each("inp_gate.weight", TinyModel.Width, small).Each("proj.weight", small, TinyModel.Width)
            .Each("laurel_l.weight", TinyModel.Width, rank).Each("laurel_r.weight", rank, TinyModel.Width)
            .Each("altup_correct_coef.weight", parts, parts).Each("altup_correct_scale.weight", TinyModel.Width).Each("altup_predict_coef.weight", parts, parts * parts)
            .Each("altup_router.weight", TinyModel.Width, parts);
        foreach (int layer in Enumerable.Range(0, layers))
        {
            // Scores have no factor 1/√size but what the norms were trained to, and guesses are small: else 22 layers blow up every rounding.
            Shrink(model.Values($"blk.{layer}.attn_q_norm.weight"), 0.1f);
            Shrink(model.Values($"blk.{layer}.altup_predict_coef.weight"), 0.1f);
            Shrink(model.Values($"blk.{layer}.post_ffw_norm.weight"), 0.3f);
            Shrink(model.Values($"blk.{layer}.post_norm.weight"), 0.3f);
        }

        return model;
    }

    private static void Shrink(float[] values, float factor)
    {
        foreach (ref float value in values.AsSpan())
            value *= factor;
    }

    private static TinyModel Latent(int plain, int turned, int value, int rank) => Latent("deepseek2", plain, turned, value, rank).Gated().Mixture().Shared();

    internal static TinyModel Latent(string architecture, int plain, int turned, int value, int rank) => new TinyModel(architecture)
        .Key("attention.kv_lora_rank", (long)rank).Key("rope.dimension_count", (long)turned)
        .Key("attention.key_length", (long)(plain + turned)).Key("attention.value_length", (long)value)
        .Norms("attn_norm", "ffn_norm")
        .Each("attn_q.weight", TinyModel.Width, TinyModel.Heads * (plain + turned)).Each("attn_kv_a_mqa.weight", TinyModel.Width, rank + turned)
        .Each("attn_kv_a_norm.weight", rank).Each("attn_output.weight", TinyModel.Heads * value, TinyModel.Width);

    internal static TinyModel Attended(string architecture, int layers = 2, bool centred = false) =>
        new TinyModel(architecture, layers, centred).Attention();

    internal static TinyModel Dense(string architecture, int layers = 2) =>
        Attended(architecture, layers).Gated().Norms("attn_norm", "ffn_norm");
}

/// <summary>What several tiny models have.</summary>
internal static class TinyHeadNorms
{
    public static TinyModel HeadNorms(this TinyModel model) => model.Each("attn_q_norm.weight", TinyModel.Size).Each("attn_k_norm.weight", TinyModel.Size);
}
