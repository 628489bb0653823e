using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Folders of Qwen3's rerankers: with a head of classes, or with only a README that tells them.</summary>
public class RerankFolderTests
{
    private const string Words = """
        {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
        "model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"no":3,"d":4,"ANSWER":5,"ab":6,"e":7},"merges":["a b"]}}
        """;

    [Fact]
    public void A_readme_makes_the_rows_of_yes_and_no_a_head()
    {
        var recipe = FolderRecipe.Gated("Qwen3ForCausalLM", norms: true);
        using Scratch folder = Reranker(recipe, "yes");
        using var model = new Runs(folder.Folder);
        float[] head = recipe.Values("lm_head.weight");
        Assert.Equal([.. head[(5 * 16)..(6 * 16)], .. head[(3 * 16)..(4 * 16)]], model.File.Vector("cls.output.weight"));
        Assert.True(model.Decoder.Pooling!.Ranks);
        Assert.Contains("<Query>: {query}\n<Document>: {document}", model.File.Metadata.FindText("tokenizer.chat_template.rerank"), StringComparison.Ordinal);
        Assert.InRange(model.Vectors([[0, 1, 2]])[0].Sum(), 0.9999f, 1.0001f);
    }

    [Fact]
    public void A_tied_head_is_taken_from_the_embedding()
    {
        var recipe = FolderRecipe.Gated("Qwen3ForCausalLM", norms: true);
        recipe.Remove("lm_head.weight");
        recipe.Config["tie_word_embeddings"] = true;
        using Scratch folder = Reranker(recipe, "yes");
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(recipe.Values("model.embed_tokens.weight")[(5 * 16)..(6 * 16)], file.Vector("cls.output.weight")[..16]);
    }

    [Fact]
    public void A_vocabulary_without_an_answer_is_refused()
    {
        using Scratch folder = Reranker(FolderRecipe.Gated("Qwen3ForCausalLM", norms: true), "perhaps");
        Assert.Contains("'yes'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_folder_of_the_family_is_none()
    {
        using Scratch folder = FolderRecipe.Gated("Qwen3ForCausalLM", norms: true).Write();
        folder.Write("README.md", "# Qwen3-0.6B");
        using var file = ModelFile.Open(folder.Folder);
        Assert.False(file.TryGetTensor("cls.output.weight", out _));
        Assert.Null(file.FindInt("pooling_type"));
    }

    [Fact]
    public void A_single_score_stands_against_zero()
    {
        var recipe = FolderRecipe.Gated("Qwen3ForSequenceClassification", norms: true).Add("score.weight", 1, 16);
        recipe.Remove("lm_head.weight");
        using Scratch folder = recipe.Write();
        using var model = new Runs(folder.Folder);
        Assert.Equal([.. recipe.Values("score.weight"), .. new float[16]], model.File.Vector("cls.output.weight"));
        float[] shares = model.Vectors([[0, 1, 2]])[0];
        Assert.Equal(1, shares[0] + shares[1], 1e-5);
        Assert.NotEqual(0.5f, shares[0]);
    }

    private static Scratch Reranker(FolderRecipe recipe, string answer)
    {
        Scratch folder = recipe.Write();
        folder.Write("tokenizer.json", Words.Replace("ANSWER", answer, StringComparison.Ordinal));
        folder.Write("README.md", "# Qwen3-Reranker-0.6B");
        return folder;
    }
}
