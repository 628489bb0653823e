using System.Text.Json.Nodes;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A model from its config.json alone against the one from its whole folder.</summary>
public class HuggingFaceConfigTests
{
    [Theory]
    [MemberData(nameof(FamilyTests.Names), MemberType = typeof(FamilyTests))]
    public void Tensors_have_the_names_and_shapes_of_the_folders(string name)
    {
        PublishedFolder published = FamilyTests.Make(name);
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        using ModelFile whole = ModelFile.Open(folder.Folder), alone = Alone(folder, ours);
        Assert.Equal(Shapes(whole), Shapes(alone));
    }

    [Theory]
    [MemberData(nameof(FamilyTests.Names), MemberType = typeof(FamilyTests))]
    public void Blocks_ask_for_what_the_folders_blocks_ask_for(string name)
    {
        PublishedFolder published = FamilyTests.Make(name);
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        using ModelFile whole = ModelFile.Open(folder.Folder), alone = Alone(folder, ours);
        Assert.Equal(Demands(whole), Demands(alone));
    }

    [Fact]
    public void A_large_model_takes_no_memory()
    {
        using var scratch = new Scratch();
        string config = scratch.Write("config.json", """
            { "architectures": ["LlamaForCausalLM"], "hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
              "intermediate_size": 28672, "vocab_size": 128256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5 }
            """);
        using var file = HuggingFaceConfig.Open(config, BlockFormats.Named("Q4_0"));
        long before = Environment.WorkingSet;
        Demands(file);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 30);
        Assert.Equal(70.55e9 * 4.5 / 8, file.Tensors.Sum(tensor => (double)tensor.Length), 1e8);
    }

    [Fact]
    public void A_row_that_a_format_does_not_fill_takes_one_that_it_does()
    {
        Assert.Equal("Q5_0", HollowModel.Fitting(BlockFormats.Named("Q4_K"), 576).Name);
        Assert.Equal("Q8_0", HollowModel.Fitting(BlockFormats.Named("Q6_K"), 576).Name);
        Assert.Equal("F16", HollowModel.Fitting(BlockFormats.Named("Q4_0"), 20).Name);
        Assert.Equal("Q4_0", HollowModel.Fitting(BlockFormats.Named("Q4_0"), 576).Name);
    }

    /// <summary>The model from its config, which says whether the head is the embedding and how wide a shared expert is; a whole folder need not say.</summary>
    private static ModelFile Alone(Scratch folder, ModelFile ours)
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!;
        config["tie_word_embeddings"] = !ours.TryGetTensor("output.weight", out _);
        if (ours.TryGetTensor("blk.1.ffn_up_shexp.weight", out StoredTensor? shared))
            config["shared_expert_intermediate_size"] = shared.Rows;
        return HuggingFaceConfig.Open(folder.Write("alone.json", config.ToJsonString()), BlockFormats.Named("F32"));
    }

    /// <summary>Names and shapes of all but the first layer, which has no experts in these models whatever their config says.</summary>
    private static string[] Shapes(ModelFile file) =>
    [
        .. file.Tensors.Where(tensor => !tensor.Name.EndsWith(".bias", StringComparison.Ordinal) && !tensor.Name.StartsWith("blk.0.", StringComparison.Ordinal))
            .Select(tensor => $"{tensor.Name} {string.Join('x', tensor.Shape)}").Order(StringComparer.Ordinal),
    ];

    private static Operation[] Demands(ModelFile file) =>
    [
        .. Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new Opening(Precision.Bytes)))
            .Describe(new RunShape(2, 7, 5), CellFormat.Named("F16")).Where(operation => operation.Layer != 0),
    ];
}
