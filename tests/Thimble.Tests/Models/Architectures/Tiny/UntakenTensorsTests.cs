using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Files;
using Thimble.Models.Vision;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Tensors that a file has and no block asks for.</summary>
public class UntakenTensorsTests
{
    /// <summary>For each kind that is left aside, a text model whose only untaken tensors are of it.</summary>
    private static readonly Dictionary<string, Func<TinyModel>> s_spared = new()
    {
        ["factors"] = () => TinyModelTests.Dense("internlm2").Each("ffn_up.scale", 1),
        ["spans of inputs"] = () => TinyModelTests.Dense("llama").Each("attn_q.input_scale", 1),
        ["layers that predict further tokens"] = () => TinyModelTests.Dense("llama", layers: 3).Key("nextn_predict_layers", 1L).Tensor("blk.2.nextn.eh_proj.weight", 128, TinyModel.Width),
        ["tables of angles"] = () => TinyModelTests.Dense("granite").Key("rope.scaling.finetuned", false).Tensor("rope_freqs.weight", 8),
        ["heads of classes"] = () => TinyModelTests.Dense("qwen3").Tensor("cls.output.weight", TinyModel.Width, 2),
        ["towers beside a text model"] = () => TinyModelTests.Dense("llama").Tensor("v.blk.0.ln1.weight", 24).Tensor("mm.0.weight", 24, TinyModel.Width),
        ["marks between parts of pictures"] = () => TinyModelTests.Dense("llama").Tensor("v.image_newline", TinyModel.Width),
        ["keys of layers that borrow them"] = () => TinyModelTests.Make("gemma3n"),
        ["first values of the first layer"] = HybridModelTests.Rwkv7,
        ["the same matrices in another order"] = () => HybridModelTests.Qwen3Next().Tensor("blk.0.ssm_in.weight", TinyModel.Width, 192),
        ["norms of keys alone"] = () => new TinyModel("mpt", centred: true).Each("attn_qkv.weight", TinyModel.Width, 128).Each("attn_output.weight", 64, TinyModel.Width).Plain()
            .Norms("attn_norm", "ffn_norm").Each("attn_k_norm.weight", 32).Key("attention.max_alibi_bias", 8.0),
    };

    public static TheoryData<string> Kinds => [.. s_spared.Keys];

    [Theory]
    [InlineData("blk.1.ffn_frob.weight")]
    [InlineData("blk.0.attn_q_norm_2.weight")]
    [InlineData("blk.0.ffn_up_shexp.weight")]
    [InlineData("blk.0.nextn.eh_proj.weight")]
    [InlineData("blk.1.attn_frob.scale")]
    [InlineData("attn_rot.weight")]
    public void One_that_no_block_asks_for_is_refused_by_name(string name)
    {
        string message = Refused(TinyModelTests.Dense("llama").Tensor(name, TinyModel.Width));
        Assert.StartsWith("'tiny.gguf' has 1 tensor of which architecture 'llama' knows nothing", message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("convert", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_are_counted_and_the_first_are_named()
    {
        string message = Refused(TinyModelTests.Dense("llama", layers: 8).Each("ffn_frob.weight", TinyModel.Width));
        Assert.Contains("has 8 tensors", message, StringComparison.Ordinal);
        Assert.Contains("'blk.4.ffn_frob.weight' and 3 more.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("blk.5.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_missing_is_refused_by_name() =>
        Assert.Contains("no tensor 'blk.1.ffn_up.weight'", Refused(TinyModelTests.Dense("llama").Without("blk.1.ffn_up.weight")), StringComparison.Ordinal);

    [Fact]
    public void Matrices_of_a_layer_that_has_experts_too_are_refused()
    {
        TinyModel model = TinyModelTests.Dense("qwen3moe").Mixture().Tensor("blk.1.ffn_up.weight", TinyModel.Width, TinyModel.Wide);
        Assert.Contains("'blk.1.ffn_up.weight'", Refused(model), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_that_does_no_harm_is_left_aside(string kind)
    {
        using ModelFile file = s_spared[kind]().File();
        var from = new Blueprint(file, new(Precision.Floats));
        Thimble.Models.Architectures.Architectures.Build(from);
        Assert.NotEmpty(from.Untaken);
        SparedTensor spared = Assert.Single(UntakenTensors.Spared, spared => spared.Kind == kind);
        Assert.All(from.Untaken, tensor => Assert.True(spared.Covers(from, tensor.Name), tensor.Name));
    }

    [Theory]
    [InlineData("llava", "a.conv1d.1.weight")]          // towers that hear
    [InlineData("llava", "mm.a.mlp.1.weight")]
    [InlineData("llava", "v.blk.2.ffn_frob.weight")]    // last layers of a tower: of three it runs two
    [InlineData("llava-next", "v.image_newline")]
    public void A_projector_file_may_hold_what_it_has_no_use_for(string name, string further)
    {
        using ModelFile file = With(Golden.Path($"vision/mmproj-{name}.gguf"), further);
        Assert.Equal(32, Projectors.Open(file, new(Precision.Floats)).Width);
    }

    [Theory]
    [InlineData("llava", "v.blk.1.ffn_frob.weight")]
    [InlineData("llava", "v.blk.0.ls3.weight")]
    [InlineData("qwen2vl", "v.deepstack.0.fc1.weight")]
    [InlineData("idefics3", "mm.9.weight")]
    public void A_projector_file_may_hold_nothing_unknown(string name, string further)
    {
        using ModelFile file = With(Golden.Path($"vision/mmproj-{name}.gguf"), further);
        Assert.Contains($"'{further}'", Assert.Throws<InvalidDataException>(() => Projectors.Open(file, new(Precision.Floats))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Distances_that_T5_has_no_use_for_are_left_aside()
    {
        using ModelFile file = With(Golden.Path("encoders/t5.gguf"), "dec.blk.0.cross_attn_rel_b.weight");
        Assert.NotNull(Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new(Precision.Floats))).Reader);
    }

    [Fact]
    public void Every_kind_is_tried_and_has_a_reason()
    {
        string[] elsewhere = ["towers that hear", "last layers of a tower", "distances between decoder and encoder"];
        Assert.Equal(UntakenTensors.Spared.Select(spared => spared.Kind).Order(), s_spared.Keys.Concat(elsewhere).Order());
        Assert.All(UntakenTensors.Spared, spared => Assert.True(spared.Reason.Length > 20, spared.Kind));
    }

    private static string Refused(TinyModel model)
    {
        using ModelFile file = model.File();
        return Assert.Throws<InvalidDataException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new(Precision.Floats)))).Message;
    }

    /// <summary>A file with one tensor more.</summary>
    private static ModelFile With(string path, string name)
    {
        var file = ModelFile.Open(path);
        return new(path, file.Metadata, [.. file.Tensors, new StoredTensor(name, BlockFormats.Named("F32"), [4], () => new Allocation(16).Region)], file);
    }
}
