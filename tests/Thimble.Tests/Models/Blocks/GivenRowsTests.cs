using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Blocks;

public class GivenRowsTests
{
    private const int Start = 9, Count = 12;

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    [Fact]
    public void Vectors_of_tokens_give_the_bits_of_the_tokens()
    {
        using var model = new Runs(TinyModelTests.Dense("llama").File(), threads: 2);
        float[] vectors = new float[Count * TinyModel.Width];
        for (int i = 0; i < Count; i++)
            model.Decoder.Embedding.Table.Decode(s_tokens[Start + i], vectors.AsSpan(i * TinyModel.Width, TinyModel.Width));
        (int[] tokens, Inserts inserts) = Insert(new(vectors, TinyModel.Width));
        Assert.Equal(model.Logits(s_tokens, 40), model.Logits(tokens, 40, inserts));
        Assert.Equal(model.Logits(s_tokens, 40), model.Logits(tokens, 7, inserts));
    }

    [Fact]
    public void Vectors_are_not_scaled_as_tokens_are()
    {
        using var model = new Runs(TinyModelTests.Dense("gemma").File());
        float[] vectors = new float[Count * TinyModel.Width];
        for (int i = 0; i < Count; i++)
            model.Decoder.Embedding.Table.Decode(s_tokens[Start + i], vectors.AsSpan(i * TinyModel.Width, TinyModel.Width));
        for (int i = 0; i < vectors.Length; i++)
            vectors[i] *= model.Decoder.Embedding.Scale;
        (int[] tokens, Inserts inserts) = Insert(new(vectors, TinyModel.Width));
        Assert.Equal(model.Logits(s_tokens, 40), model.Logits(tokens, 7, inserts));
    }

    [Fact]
    public void A_grid_turns_by_height_and_width()
    {
        using var model = new Runs(Sectioned().File(), threads: 2);
        (int[] tokens, Inserts grid) = Insert(Random(new GivenGrid(3, 4)));
        (_, Inserts line) = Insert(Random());
        float[][] whole = model.Logits(tokens, 40, grid), straight = model.Logits(tokens, 40, line);
        Assert.Equal(whole[..(Start + 1)], straight[..(Start + 1)]);
        Assert.NotEqual(whole[Start + 1], straight[Start + 1]);
        Assert.Equal(whole, model.Logits(tokens, 1, grid));
        Assert.Equal(whole, model.Logits(tokens, 7, grid));
    }

    [Fact]
    public void Text_alone_turns_by_one_position()
    {
        using Runs plain = new(TinyModelTests.Dense("qwen2vl").File()), parted = new(Sectioned().File());
        Assert.Equal(plain.Logits(s_tokens, 40), parted.Logits(s_tokens, 40));
    }

    [Fact]
    public void Rows_may_see_one_another()
    {
        using var model = new Runs(TinyModelTests.Make("gemma3").File(), threads: 2);
        (int[] tokens, Inserts mutual) = Insert(Random(together: true));
        (_, Inserts changed) = Insert(Random(together: true, last: 3));
        float[][] whole = model.Logits(tokens, 40, mutual), other = model.Logits(tokens, 40, changed);
        Assert.Equal(whole[..Start], other[..Start]);
        Assert.NotEqual(whole[Start], other[Start]);
        Assert.Equal(whole, model.Logits(tokens, 1, mutual));
        Assert.Equal(whole, model.Logits(tokens, 7, mutual));
    }

    private static TinyModel Sectioned() => TinyModelTests.Dense("qwen2vl").Key("rope.dimension_sections", MetadataArray.Of([2L, 3, 3, 0]));

    private static (int[] Tokens, Inserts Inserts) Insert(GivenRows rows)
    {
        int[] tokens = [.. s_tokens];
        rows.Ids.CopyTo(tokens.AsSpan(Start));
        var inserts = new Inserts();
        inserts.Add(Start, rows);
        return (tokens, inserts);
    }

    private static GivenRows Random(GivenGrid? grid = null, bool together = false, float last = 0)
    {
        var random = new Random(5);
        float[] vectors = [.. Enumerable.Range(0, Count * TinyModel.Width).Select(_ => (random.NextSingle() * 2) - 1)];
        vectors[^1] += last;
        return new(vectors, TinyModel.Width, grid, together);
    }
}
