using Microsoft.Extensions.AI;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Library;

public class EmbeddingGeneratorTests
{
    private static readonly string[] s_texts = ["the cat sat.", "dogs ran", "a", "the dog, the cat, the cow sat and sat and sat until they ran away from it"];

    [Fact]
    public async Task Vectors_have_length_one_and_the_same_bits_in_any_company()
    {
        using Model model = Open("bert"), small = Open("bert", chunk: 8);
        using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator(), chunked = small.AsEmbeddingGenerator();
        GeneratedEmbeddings<Embedding<float>> all = await generator.GenerateAsync(s_texts), few = await chunked.GenerateAsync(s_texts);
        for (int i = 0; i < s_texts.Length; i++)
        {
            float[] alone = (await generator.GenerateAsync([s_texts[i]]))[0].Vector.ToArray();
            Assert.Equal(1, alone.Sum(value => (double)value * value), 1e-5);
            Assert.Equal(alone, all[i].Vector.ToArray());
            Assert.Equal(alone, few[i].Vector.ToArray());
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("qwen3-embedding")]
    public void Tokens_get_the_vectors_of_llama_cpp(string name)
    {
        var fixture = new EncoderFixture(name);
        using Model model = Open(name, chunk: 7);
        float[][] vectors = model.Embedder.Vectors(fixture.Texts, CancellationToken.None);
        Assert.InRange(fixture.Error(name == "bert" ? 0 : 2, vectors), 0, 1e-6);
    }

    [Fact]
    public async Task A_text_longer_than_the_context_is_refused()
    {
        using Model model = Open("bert");
        using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator();
        CapacityException fault = await Assert.ThrowsAsync<CapacityException>(() => generator.GenerateAsync([string.Join(' ', Enumerable.Repeat("cat", 127))]));
        Assert.Contains("has 129 tokens; the context holds 128", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_vectors_says_what_to_use_instead_of_writing()
    {
        using Model model = Open("bert"), ranker = Open("bert-rank");
        Assert.Contains("AsEmbeddingGenerator", Assert.Throws<NotSupportedException>(() => model.Generate("the cat")).Message, StringComparison.Ordinal);
        Assert.Contains("RerankAsync", Assert.Throws<NotSupportedException>(() => ranker.CreateSession()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_cache_is_enough_for_many_texts()
    {
        using var model = Model.Open(Golden.Path("encoders/bert.gguf"), new() { CacheTokens = 128 });
        using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator();
        Assert.Equal(40, (await generator.GenerateAsync(Enumerable.Repeat(s_texts, 10).SelectMany(text => text))).Count);
    }

    private static Model Open(string name, int chunk = 512) =>
        Model.Open(Golden.Path($"encoders/{name}.gguf"), new() { Exact = true, CacheFormat = "F32", PrefillChunk = chunk });
}
