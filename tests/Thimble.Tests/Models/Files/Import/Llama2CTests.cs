using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class Llama2CTests
{
    private const string Legacy = "stories260K/stories260K.bin", Version1 = "stories260K/stories260K_v1.bin", Tokens = "stories260K/tok512.bin";

    [Fact]
    public void Legacy_checkpoint_has_the_names_and_sizes_of_a_llama()
    {
        using var file = ModelFile.Open(Golden.Path(Legacy));
        Assert.Equal("llama", file.Architecture);
        Assert.Equal((64, 172, 5, 8, 4, 512, 512, 8), (file.Int("embedding_length"), file.Int("feed_forward_length"), file.Int("block_count"),
            file.Int("attention.head_count"), file.Int("attention.head_count_kv"), file.Int("vocab_size"), file.Int("context_length"), file.Int("rope.dimension_count")));
        Assert.Equal(2 + (5 * 9), file.Tensors.Count);
        Assert.Equal([64L, 32], file.Tensor("blk.4.attn_k.weight").Shape);
        Assert.Equal([172L, 64], file.Tensor("blk.0.ffn_down.weight").Shape);
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Fact]
    public void Both_versions_hold_the_same_weights()
    {
        using var legacy = ModelFile.Open(Golden.Path(Legacy));
        using var version1 = ModelFile.Open(Golden.Path(Version1));
        Assert.Equal(legacy.Tensors.Select(tensor => tensor.Name).Order(), version1.Tensors.Select(tensor => tensor.Name).Order());
        foreach (StoredTensor tensor in legacy.Tensors)
            Assert.Equal(tensor.Values(), version1.Tensor(tensor.Name).Values());
    }

    [Fact]
    public void First_weights_are_the_file_s()
    {
        byte[] bytes = File.ReadAllBytes(Golden.Path(Legacy));
        using var file = ModelFile.Open(Golden.Path(Legacy));
        Assert.Equal(BitConverter.ToSingle(bytes, 28), file.Tensor("token_embd.weight").Values()[0]);
        Assert.Equal(BitConverter.ToSingle(bytes, 28 + (4 * 512 * 64)), file.Tensor("blk.0.attn_norm.weight").Values()[0]);
    }

    [Fact]
    public void Tokens_have_kinds_scores_and_no_plain_spaces()
    {
        using var file = ModelFile.Open(Golden.Path(Legacy));
        string[] tokens = file.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts();
        long[] kinds = file.Metadata.FindArray("tokenizer.ggml.token_type")!.Integers();
        Assert.Equal(["<unk>", "<s>", "</s>", "<0x00>"], tokens[..4]);
        Assert.Equal([2L, 3, 3, 6], kinds[..4]);
        Assert.Equal(("\u2581t", 1, -0.0), (tokens[259], kinds[259], file.Metadata.FindArray("tokenizer.ggml.scores")!.Numbers()[259]));
        Assert.Equal(256, kinds.Count(kind => kind == 6));
        Assert.Equal(tokens.Length, tokens.Distinct().Count());
    }

    [Fact]
    public void Missing_tokenizer_is_named()
    {
        using var scratch = new Scratch();
        string path = scratch.Copy(Legacy);
        Assert.Contains("'tok512.bin' and 'tokenizer.bin'", Assert.Throws<InvalidDataException>(() => Llama2C.Open(path)).Message);
    }

    [Theory]
    [InlineData(0, -64, "dim")]
    [InlineData(0, int.MaxValue, "dim")]
    [InlineData(2, 0, "n_layers")]
    [InlineData(2, int.MaxValue, "n_layers")]
    [InlineData(3, 7, "n_heads")]
    [InlineData(4, 3, "n_kv_heads")]
    [InlineData(5, int.MinValue, "vocab_size")]
    [InlineData(5, 513, "bytes")]
    [InlineData(6, 511, "bytes")]
    public void Absurd_header_is_refused(int field, int value, string named)
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Legacy, field, value);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => Llama2C.Open(path)).Message);
        Assert.Throws<NotSupportedException>(() => ModelFile.Open(path));   // no magic, so nobody takes it
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(1_000_000)]
    public void Truncated_version_1_is_refused(int length)
    {
        using var scratch = new Scratch();
        string path = scratch.Changed(Version1, bytes => bytes[..length]);
        Assert.Throws<InvalidDataException>(() => Llama2C.Open(path));
    }

    [Fact]
    public void Later_version_is_refused()
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Version1, 1, 2);
        Assert.Contains("version 2; known: legacy, 1", Assert.Throws<NotSupportedException>(() => ModelFile.Open(path)).Message);
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(6226)]
    public void Truncated_tokenizer_is_refused(int length)
    {
        using var scratch = new Scratch();
        string path = scratch.Copy(Legacy);
        scratch.Changed(Tokens, bytes => bytes[..length]);
        Assert.Contains("tok512.bin", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }

    [Fact]
    public void Absurd_token_length_is_refused()
    {
        using var scratch = new Scratch();
        string path = scratch.Copy(Legacy);
        scratch.WithField(Tokens, 2, int.MaxValue);
        Assert.Contains("the length of token 0", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }
}
