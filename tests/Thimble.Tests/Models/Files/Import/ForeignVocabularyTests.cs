using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class ForeignVocabularyTests
{
    [Fact]
    public void Pieces_are_those_that_llama2_c_exported()
    {
        var metadata = new Metadata();
        ForeignVocabulary.AddTo(metadata, Golden.Path("stories260K/tok512.model"), vocabulary: 512);
        using var exported = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        foreach (string key in (string[])["tokens", "scores", "token_type"])
            Assert.Equal(Listed(exported.Metadata, key), Listed(metadata, key));
        Assert.Equal(("llama", 1L, 2L, true), (metadata.FindText("tokenizer.ggml.model"), metadata.FindInteger("tokenizer.ggml.bos_token_id"),
            metadata.FindInteger("tokenizer.ggml.eos_token_id"), metadata.FindFlag("tokenizer.ggml.add_space_prefix")));
    }

    [Fact]
    public void Ids_without_a_piece_are_unused()
    {
        var metadata = new Metadata();
        ForeignVocabulary.AddTo(metadata, Golden.Path("stories260K/tok512.model"), vocabulary: 520);
        Assert.Equal("[PAD519]", metadata.FindArray("tokenizer.ggml.tokens")!.Texts()[519]);
        Assert.Equal(5, metadata.FindArray("tokenizer.ggml.token_type")!.Integers()[519]);
    }

    [Fact]
    public void Shorter_vocabulary_is_filled_to_the_model_s()
    {
        var metadata = new Metadata();
        ForeignVocabulary.AddTo(metadata, Golden.Path("stories260K/tok512.model"), vocabulary: 512);
        ForeignVocabulary.Fill(metadata, "tok512.model", 514);
        Assert.Equal(["[PAD512]", "[PAD513]"], metadata.FindArray("tokenizer.ggml.tokens")!.Texts()[512..]);
        Assert.Equal([-1000.0, -1000], metadata.FindArray("tokenizer.ggml.scores")!.Numbers()[512..]);
        Assert.Throws<InvalidDataException>(() => ForeignVocabulary.Fill(metadata, "tok512.model", 500));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4000)]
    public void Truncated_file_is_refused(int length)
    {
        using var scratch = new Scratch();
        string path = scratch.Changed("stories260K/tok512.model", bytes => bytes[..length]);
        Assert.Throws<InvalidDataException>(() => ForeignVocabulary.AddTo(new(), path, vocabulary: 512));
    }

    [Fact]
    public void Larger_vocabulary_than_the_model_s_is_refused() =>
        Assert.Contains("has 512 tokens", Assert.Throws<InvalidDataException>(() => ForeignVocabulary.AddTo(new(), Golden.Path("stories260K/tok512.model"), 500)).Message);

    private static string[] Listed(Metadata metadata, string key)
    {
        MetadataArray array = metadata.FindArray("tokenizer.ggml." + key)!;
        return key == "tokens" ? array.Texts() : Array.ConvertAll(array.Numbers(), value => $"{value}");
    }
}
