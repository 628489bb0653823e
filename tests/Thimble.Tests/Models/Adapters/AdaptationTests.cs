using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Adapters;

public class AdaptationTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 24).Select(i => (i * 37) % TinyModel.Vocabulary)];

    private static readonly Dictionary<string, Func<TinyModel>> s_models = new()
    {
        ["dense"] = () => TinyModelTests.Attended("seed_oss").Gated().Norms("attn_norm", "post_attention_norm"),
        ["gemma3"] = () => TinyModelTests.Dense("gemma3").Norms("post_attention_norm", "post_ffw_norm").HeadNorms(),
        ["experts"] = () => TinyModelTests.Dense("deepseek").Mixture().Shared()
            .Without("blk.1.ffn_gate.weight").Without("blk.1.ffn_up.weight").Without("blk.1.ffn_down.weight")
            .Without("blk.0.ffn_gate_shexp.weight").Without("blk.0.ffn_up_shexp.weight").Without("blk.0.ffn_down_shexp.weight"),
        ["latent"] = () => Latent().Each("attn_kv_b.weight", 32, TinyModel.Heads * (24 + 12)),
        ["latent parted"] = () => Latent().Each("attn_k_b.weight", 24, 32, TinyModel.Heads).Each("attn_v_b.weight", 32, 12, TinyModel.Heads),
    };

    public static TheoryData<string> Names => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Sequences_with_adapters_of_their_own_are_each_alone(string name)
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(s_models[name]().Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary).File(), threads: 2);
        (AdaptationSet one, AdaptationSet two) = Two(runs, folder);
        float[][] first = runs.Logits(s_tokens, s_tokens.Length, one), second = runs.Logits(s_tokens, s_tokens.Length, two), none = runs.Logits(s_tokens, s_tokens.Length);
        using SequenceState a = runs.Start(), b = runs.Start(), c = runs.Start();
        runs.Feed((b, s_tokens[..9], two), (c, s_tokens[..2], null), (a, s_tokens[..17], one));
        float[][] rest = runs.Feed((a, s_tokens[17..], one), (b, s_tokens[9..], two), (c, s_tokens[2..], null));
        Assert.Equal(first[17..], rest[..7]);
        Assert.Equal(second[9..], rest[7..22]);
        Assert.Equal(none[2..], rest[22..]);
        Assert.Equal(first, runs.Logits(s_tokens, 1, one));
        Assert.True(Error(none, first) > 1e-3 && Error(first, second) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_added_moves_no_bit(string name)
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(s_models[name]().File());
        var silent = TinyAdapter.Fit(new TinyAdapter(runs.File).Change(3, "attn_", "ffn_", "token_embd").Silent().Write(folder["s.gguf"]), runs);
        float[][] plain = runs.Logits(s_tokens, 24);
        Assert.Equal(plain, runs.Logits(s_tokens, 24, AdaptationSet.Of([new(silent)])));
        Assert.Null(AdaptationSet.Of([new(silent, 0)]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Merged_and_beside_are_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(s_models[name]().Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary).File());
        string one = new TinyAdapter(runs.File).Change(3, "attn_", "ffn_", "token_embd", "output.weight").Write(folder["one.gguf"]);
        string two = new TinyAdapter(runs.File, seed: 8).Change(2, "attn_").Write(folder["two.gguf"]);
        float[][] beside = runs.Logits(s_tokens, 24, AdaptationSet.Of([new(TinyAdapter.Fit(one, runs), 0.5f), new(TinyAdapter.Fit(two, runs), -0.75f)]));
        var tensors = new Thimble.Models.Adapters.MergedTensors(runs.File);
        tensors.Add(one, 0.5f);
        tensors.Add(two, -0.75f);
        GgufWriter.Write(folder["merged.gguf"], runs.File.Metadata, [.. runs.File.Tensors.Select(tensor =>
            tensors.Changes(tensor) ? tensors.Source(tensor, tensor.BlockFormat, default) : TensorSource.Copy(tensor))]);
        using var merged = new Runs(folder["merged.gguf"]);
        Assert.True(Error(beside, merged.Logits(s_tokens, 24)) < 1e-10, $"{Error(beside, merged.Logits(s_tokens, 24))}");
    }

    [Fact]
    public void Order_and_company_do_not_change_a_sum()
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(s_models["dense"]().File());
        Adaptation one = TinyAdapter.Fit(new TinyAdapter(runs.File).Change(3, "attn_").Write(folder["1.gguf"]), runs);
        Adaptation two = TinyAdapter.Fit(new TinyAdapter(runs.File, seed: 8).Change(2, "attn_", "ffn_").Write(folder["2.gguf"]), runs);
        float[][] forward = runs.Logits(s_tokens, 24, AdaptationSet.Of([new(one), new(two, 0.3f)]));
        Assert.Equal(forward, runs.Logits(s_tokens, 24, AdaptationSet.Of([new(two, 0.3f), new(one)])));
        Assert.Throws<ArgumentException>(() => AdaptationSet.Of([new(one), new(one)]));
        Assert.Throws<ArgumentException>(() => AdaptationSet.Of([new(one, float.NaN)]));
    }

    [Fact]
    public void A_control_vector_is_added_behind_its_layers()
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(TinyModelTests.Attended("seed_oss", layers: 4).Gated().Norms("attn_norm", "post_attention_norm").File());
        var tiny = new TinyAdapter(runs.File).Add("direction.1", [TinyModel.Width]).Add("direction.3", [TinyModel.Width]);
        var vector = TinyAdapter.Fit(tiny.WriteVector(folder["v.gguf"]), runs);
        float[][] plain = Layers(runs, null), steered = Layers(runs, AdaptationSet.Of([new(vector, 0.5f)]));
        Assert.Equal(plain[0], steered[0]);
        Assert.Equal([.. plain[1].Zip(tiny.Values("direction.1"), (x, d) => MathF.FusedMultiplyAdd(0.5f, d, x))], steered[1]);
        Assert.Equal(plain, Layers(runs, AdaptationSet.Of([new(vector, 1, 2, 2)])));
        Assert.Equal(plain[2], Layers(runs, AdaptationSet.Of([new(vector, 1, 3)]))[2]);
    }

    /// <summary>What each layer gives for one token.</summary>
    private static float[][] Layers(Runs runs, AdaptationSet? adapters)
    {
        List<float[]> layers = [];
        runs.Decoder.Observer = (_, outcome) => layers.Add(outcome.Matrix.Values.ToArray());
        runs.Logits([3], 1, adapters);
        runs.Decoder.Observer = null;
        return [.. layers];
    }

    private static (AdaptationSet One, AdaptationSet Two) Two(Runs runs, TemporaryFolder folder)
    {
        Adaptation one = TinyAdapter.Fit(new TinyAdapter(runs.File).Change(3, "attn_", "ffn_", "token_embd").Write(folder["1.gguf"]), runs);
        Adaptation two = TinyAdapter.Fit(new TinyAdapter(runs.File, seed: 8) { Alpha = 0 }.Change(5, "attn_", "ffn_", "output").Write(folder["2.gguf"]), runs);
        return (AdaptationSet.Of([new(one, 0.8f)])!, AdaptationSet.Of([new(two, 0.5f), new(one, -0.25f)])!);
    }

    internal static double Error(float[][] expected, float[][] got)
    {
        double difference = 0, power = 0;
        foreach ((float x, float y) in expected.SelectMany(row => row).Zip(got.SelectMany(row => row)))
        {
            difference += Math.Pow(x - y, 2);
            power += Math.Pow(x, 2);
        }

        return difference / power;
    }

    private static TinyModel Latent() => new TinyModel("deepseek2")
        .Key("attention.kv_lora_rank", 32L).Key("rope.dimension_count", 8L).Key("attention.key_length", 32L).Key("attention.value_length", 12L)
        .Norms("attn_norm", "ffn_norm").Gated().Each("attn_q.weight", TinyModel.Width, TinyModel.Heads * 32)
        .Each("attn_kv_a_mqa.weight", TinyModel.Width, 40).Each("attn_kv_a_norm.weight", 32).Each("attn_output.weight", TinyModel.Heads * 12, TinyModel.Width);
}
