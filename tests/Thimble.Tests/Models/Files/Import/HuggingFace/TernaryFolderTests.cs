using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>BitNet's folders, four ternary weights to a byte.</summary>
public class TernaryFolderTests
{
    private const string Query = "model.layers.1.self_attn.q_proj";

    [Theory]
    [InlineData("autobitlinear", 0.75f)]
    [InlineData("bitlinear", 1 / 0.75f)]
    [InlineData(null, 1 / 0.75f)]
    public void Weights_and_factors_are_what_was_packed(string? way, float factor)
    {
        (Scratch folder, Dictionary<string, float[]> packed) = Write(way, highest: 3);
        using Scratch _ = folder;
        using var model = new Runs(folder.Folder);
        Assert.Equal(packed[Query], model.File.Vector("blk.1.attn_q.weight"));
        Assert.Equal([factor], model.File.Vector("blk.1.attn_q.scale"));
        Assert.Equal(7 * 2, model.File.Tensors.Count(tensor => tensor.Name.EndsWith(".scale", StringComparison.Ordinal)));
        Assert.All(model.Logits([1, 3, 4], 3)[^1], value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void The_factors_count()
    {
        using Scratch one = Write("autobitlinear", highest: 3).Folder, two = Write("bitlinear", highest: 3).Folder;
        using Runs multiplied = new(one.Folder), divided = new(two.Folder);
        Assert.NotEqual(multiplied.Logits([1, 3, 4], 3)[^1], divided.Logits([1, 3, 4], 3)[^1]);
    }

    [Fact]
    public void A_code_that_stands_for_nothing_is_refused()
    {
        using Scratch folder = Write("autobitlinear", highest: 4).Folder;
        using var file = ModelFile.Open(folder.Folder);
        Assert.Contains("code 3", Assert.Throws<InvalidDataException>(() => file.Vector("blk.1.attn_q.weight")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_whole_blocks_are_ternary_blocks()
    {
        byte[] bytes = new byte[2 * 512];
        new Random(5).NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(bytes[i] & ~((bytes[i] & 0x55 & (bytes[i] >> 1)) << 1));   // no code 3
        StoredTensor tensor = TernaryBytes.Tensor("it", "x", PackedWeightsTests.Stored("x.weight", [2, 512], bytes));
        Assert.Equal(("TQ2_0", "512 8"), (tensor.Format, string.Join(' ', tensor.Shape)));
        Assert.Equal(Unpacked(bytes, 2, 512), tensor.Values());
    }

    private static float[] Unpacked(byte[] bytes, int high, int columns) =>
        [.. Enumerable.Range(0, 4 * high * columns).Select(i => (float)(((bytes[(i / columns % high * columns) + (i % columns)] >> (2 * (i / columns / high))) & 3) - 1))];

    /// <summary>A folder with packed projections, and what they hold.</summary>
    private static (Scratch Folder, Dictionary<string, float[]> Packed) Write(string? way, int highest)
    {
        var recipe = FolderRecipe.Gated("BitNetForCausalLM");
        recipe.Config["quantization_config"] = new JsonObject { ["quant_method"] = "bitnet", ["linear_class"] = way };
        recipe.Config["hidden_act"] = "relu2";
        foreach (int layer in (int[])[0, 1])
            recipe.Add($"model.layers.{layer}.self_attn.attn_sub_norm.weight", 16).Add($"model.layers.{layer}.mlp.ffn_sub_norm.weight", 24);
        Scratch folder = recipe.Write();
        var random = new Random(6);
        Dictionary<string, float[]> packed = [];
        List<SafetensorsWriter.Entry> entries = [];
        using (var written = Safetensors.Open(folder.Folder))
        {
            entries.AddRange(written.Tensors.SelectMany(tensor => tensor.Name.EndsWith("_proj.weight", StringComparison.Ordinal)
                ? Pack(tensor, random, highest, packed)
                : [new(tensor.Name, tensor.Dtype.Name, [.. tensor.Shape], tensor.Bytes.Slice(0, checked((int)tensor.Bytes.Length)).ToArray())]));
        }

        SafetensorsWriter.Write(folder["model.safetensors"], entries);
        return (folder, packed);
    }

    private static SafetensorsWriter.Entry[] Pack(SafeTensor tensor, Random random, int highest, Dictionary<string, float[]> packed)
    {
        (int high, int columns) = ((int)tensor.Shape[0] / 4, (int)tensor.Shape[1]);
        byte[] bytes = [.. Enumerable.Range(0, high * columns).Select(_ => (byte)Enumerable.Range(0, 4).Sum(part => random.Next(highest) << (2 * part)))];
        packed[tensor.Name[..^".weight".Length]] = Unpacked(bytes, high, columns);
        return [new(tensor.Name, "U8", [high, columns], bytes), new(tensor.Name + "_scale", "F32", [1], BitConverter.GetBytes(0.75f))];
    }
}
