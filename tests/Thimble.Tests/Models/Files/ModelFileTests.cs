using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class ModelFileTests
{
    [Fact]
    public void A_missing_tensor_is_named_with_those_like_it()
    {
        using ModelFile file = Small();
        Assert.Equal(
            "The llama file 'small.gguf' has no tensor 'blk.2.weight'; it has 'blk.0.weight', 'blk.1.weight'.",
            Assert.Throws<InvalidDataException>(() => file.Tensor("blk.2.weight")).Message);
        Assert.Equal(
            "The llama file 'small.gguf' has no tensor 'output_norm.weight'.",
            Assert.Throws<InvalidDataException>(() => file.Vector("output_norm.weight")).Message);
    }

    [Fact]
    public void A_vector_is_decoded_where_it_is()
    {
        using ModelFile file = Small();
        Assert.Equal([7, 8], file.Vector("blk.1.weight"));
        Assert.Equal([7, 8], file.FindVector("blk.1.weight")!);
        Assert.Null(file.FindVector("blk.2.weight"));
    }

    [Fact]
    public void Long_rows_are_decoded_in_blocks_without_seams()
    {
        BlockFormat format = BlockFormats.Named("Q8_0");
        float[] values = [.. Enumerable.Range(0, 200_000).Select(i => MathF.Sin(i))], decoded = new float[values.Length];
        byte[] bytes = new byte[format.RowBytes(values.Length)];
        format.Encode(values, [], bytes);
        format.Decode(bytes, decoded);
        Assert.True(decoded.AsSpan().SequenceEqual(new StoredTensor("a", format, [values.Length], () => ReaderTarget.InMemory(bytes)).Values()));
    }

    [Fact]
    public void Too_many_values_for_an_array_are_refused()
    {
        var tensor = new StoredTensor("a", BlockFormats.Named("F32"), [1L << 20, 1L << 20], () => default(Region));
        Assert.Contains("'a' has 1048576 rows of 1048576 values", Assert.Throws<NotSupportedException>(tensor.Values).Message);
    }

    private static ModelFile Small()
    {
        GgufPart part = GgufTests.Read(GgufBytes.Small());
        return new("small.gguf", part.Metadata, part.Tensors);
    }
}
