using Thimble.Models.Tokens;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Library;

public class RerankingTests
{
    [Fact]
    public async Task Scores_stand_in_the_order_of_the_documents()
    {
        using Model model = Open("bert-rank");
        float[] scores = await model.RerankAsync("the cat", ["cat sat", "dog ran", "a"]);
        Assert.Equal(3, scores.Distinct().Count());
        Assert.Equal(scores[1], (await model.RerankAsync("the cat", ["dog ran"]))[0]);
    }

    [Fact]
    public void Query_and_document_are_joined_by_separators()
    {
        using Model model = Open("bert-rank");
        Tokenizer tokens = model.Tokenizer;
        Assert.Equal("[CLS] the cat[SEP] dog ran[SEP]", tokens.Decode(tokens.EncodePair("the cat", "dog ran"), special: true));
    }

    [Fact]
    public void Scores_are_those_of_llama_cpp()
    {
        var fixture = new EncoderFixture("qwen3-rank");
        using Model model = Open("qwen3-rank");
        Assert.InRange(fixture.Error(0, model.Embedder.Vectors(fixture.Texts, CancellationToken.None)), 0, 1e-6);
    }

    [Fact]
    public async Task A_model_of_vectors_is_refused()
    {
        using Model model = Open("bert");
        NotSupportedException fault = await Assert.ThrowsAsync<NotSupportedException>(() => model.RerankAsync("the cat", ["dog"]));
        Assert.Contains("pooling_type", fault.Message, StringComparison.Ordinal);
    }

    private static Model Open(string name) => Model.Open(Golden.Path($"encoders/{name}.gguf"), new() { Exact = true, CacheFormat = "F32" });
}
