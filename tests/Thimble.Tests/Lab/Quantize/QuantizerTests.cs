using Thimble.Compute.Formats;
using Thimble.Lab.Evaluate;
using Thimble.Lab.Quantize;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Quantize;

public class QuantizerTests
{
    private static readonly string s_stories = Path.Combine(Golden.Root, "models", "tinystories.gguf");
    private static readonly string s_text = File.ReadAllText(Golden.Path("stories-text/stories.txt"));

    [Fact]
    public void Importance_makes_the_smaller_model_better()
    {
        using var folder = new Models.TemporaryFolder();
        var importance = ImportanceMatrix.Gather(null, s_text, options: new() { Length = 128 });
        double plain = Quantized(folder["plain.gguf"], null), weighted = Quantized(folder["weighted.gguf"], importance);
        Assert.True(weighted < plain, $"{weighted} with importance, {plain} without.");
        using var file = ModelFile.Open(folder["weighted.gguf"]);
        Assert.Equal((25L, 43L), (file.Metadata.FindInteger("general.file_type"), file.Metadata.FindInteger("quantize.imatrix.entries_count")));
    }

    [Fact]
    public void A_tensor_without_importance_is_told()
    {
        using var folder = new Models.TemporaryFolder();
        var importance = new ImportanceMatrix("some");
        importance.Add("blk.0.ffn_up.weight", new(Columns("blk.0.ffn_up.weight"), [1]));
        QuantizeResult result = Quantizer.Run(s_stories, folder["q.gguf"], new() { Type = "Q4_1", Importance = importance, AllowRequantize = true });
        Assert.Null(result.Tensors.Single(tensor => tensor.Name == "blk.0.ffn_up.weight").Note);
        Assert.Equal("the importance matrix says nothing of it", result.Tensors.Single(tensor => tensor.Name == "blk.1.ffn_up.weight").Note);
    }

    [Fact]
    public void Each_expert_is_encoded_by_its_own_importance()
    {
        float[] values = [.. Enumerable.Range(0, 128).Select(i => MathF.Sin(i * i))], importance = [.. Enumerable.Range(0, 64).Select(i => i / 32 == 0 ? 1f + (i % 7) : 9f - (i % 5))];
        using var memory = new Thimble.Compute.Memory.Allocation(512);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(memory.Slice(0, 512));
        var tensor = new StoredTensor("e", BlockFormats.Named("F32"), [32, 2, 2], () => memory.Region);
        var q4 = BlockFormats.Named("Q4_0");
        byte[] rows = new byte[4 * 18], expected = new byte[4 * 18];
        TensorSource.Encode(tensor, q4, importance).Produce(0, rows);
        for (int row = 0; row < 4; row++)
            q4.Encode(values.AsSpan(32 * row, 32), importance.AsSpan(32 * (row / 2), 32), expected.AsSpan(18 * row, 18));
        Assert.Equal(expected, rows);
        Assert.Throws<ArgumentException>(() => TensorSource.Encode(tensor, q4, new float[33]));
    }

    private static float[] Columns(string name)
    {
        using ModelFile file = DefaultModel.Open();
        return [.. Enumerable.Repeat(1f, (int)file.Tensor(name).Columns)];
    }

    private static double Quantized(string path, ImportanceMatrix? importance)
    {
        var options = new QuantizeOptions { Type = "IQ4_NL", Importance = importance, AllowRequantize = true, TensorTypes = [new("blk", "Q2_0")] };
        Quantizer.Run(s_stories, path, options);
        return Perplexity.Measure(path, s_text, new() { Length = 128 }).Value;
    }
}
