using System.Text.Json.Nodes;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Quantised folders give the numbers that their formats define, whichever way they are packed.</summary>
public class PackedWeightsTests
{
    private const string Name = "model.layers.0.mlp.down_proj";
    private const int Rows = 64, Columns = 128;

    [Theory]
    [InlineData(4, 32, 8, false, "Q4_0")]
    [InlineData(4, 64, 7, false, "F32")]
    [InlineData(4, 32, 8, true, "F32")]
    [InlineData(8, 128, 128, false, "Q8_0")]
    [InlineData(3, 32, 4, false, "F32")]
    [InlineData(2, 32, 2, true, "F32")]
    public void Gptq_is_read_exactly(int bits, int group, int zero, bool shuffled, string format)
    {
        var grid = new QuantGrid(Rows, Columns, bits, group, zero, shuffled);
        using Scratch folder = Folder("gptq", bits, group, grid.Gptq(Name, added: 1));
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(format, file.Tensor("blk.0.ffn_down.weight").Format);
        Assert.Equal(grid.Values(), file.Vector("blk.0.ffn_down.weight"));
    }

    [Theory]
    [InlineData(8, "Q4_0")]
    [InlineData(5, "F32")]
    public void Awq_is_read_exactly(int zero, string format)
    {
        var grid = new QuantGrid(Rows, Columns, 4, 64, zero, shuffled: false);
        using Scratch folder = Folder("awq", 4, 64, grid.Awq(Name));
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(format, file.Tensor("blk.0.ffn_down.weight").Format);
        Assert.Equal(grid.Values(), file.Vector("blk.0.ffn_down.weight"));
    }

    [Fact]
    public void Zeros_of_the_second_format_are_as_they_stand()
    {
        var grid = new QuantGrid(Rows, Columns, 4, 32, 8, shuffled: false);
        using Scratch folder = Folder("gptq", 4, 32, grid.Gptq(Name, added: 0), format: "gptq_v2");
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(grid.Values(), file.Vector("blk.0.ffn_down.weight"));
    }

    [Theory]
    [InlineData("F8_E4M3", "weight_scale_inv", 16, 32)]
    [InlineData("F8_E5M2", "weight_scale", 16, 1)]
    [InlineData("F8_E4M3", "weight_scale", 1, 1)]
    [InlineData("F8_E4M3", "weight_scale", 64, 128)]
    public void Eight_bit_floats_meet_their_scales(string dtype, string suffix, int blockRows, int blockColumns)
    {
        (int down, int across) = suffix == "weight_scale" && blockColumns == 1 ? (blockRows == 1 ? 1 : Rows, 1) : (Rows / blockRows, Columns / blockColumns);
        byte[] bytes = new byte[Rows * Columns];
        new Random(3).NextBytes(bytes);
        bytes.AsSpan().Replace((byte)0x7F, (byte)0);
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] &= 0xBB;   // no infinity and nothing that is no number, in either type
        float[] scales = [.. Enumerable.Range(1, down * across).Select(i => i / 7f)];
        using Scratch folder = Folder("fp8", 8, 0, [Entry(Name + ".weight", dtype, [Rows, Columns], bytes), Floats($"{Name}.{suffix}", [down, across], scales)], (blockRows, blockColumns));
        using var file = ModelFile.Open(folder.Folder);
        float[] values = file.Vector("blk.0.ffn_down.weight"), plain = new float[values.Length];
        Dtype.Named(dtype, "it").Decode(bytes, plain);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(plain[i] * scales[(i / Columns * down / Rows * across) + (i % Columns * across / Columns)], values[i]);
    }

    [Fact]
    public void Four_bit_floats_are_moved_as_they_are()
    {
        double[] known = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6];
        byte[] bytes = new byte[2 * 3 * 2 * 16], powers = new byte[2 * 3 * 2];
        var random = new Random(4);
        random.NextBytes(bytes);
        for (int i = 0; i < powers.Length; i++)
            powers[i] = (byte)random.Next(120, 135);
        SafeTensor blocks = Stored("x_blocks", [2, 3, 2, 16], bytes), scales = Stored("x_scales", [2, 3, 2], powers);
        StoredTensor tensor = new FourBitFloats("it", blocks, scales).Tensor("x");
        Assert.Equal(("MXFP4", "64 3 2"), (tensor.Format, string.Join(' ', tensor.Shape)));
        Assert.Equal(Enumerable.Range(0, 384).Select(i => (float)(known[(bytes[i / 2] >> (i % 2 * 4)) & 15] * Math.Pow(2, powers[i / 32] - 127))), tensor.Values());
        string message = Assert.Throws<InvalidDataException>(() => new FourBitFloats("it", blocks, Stored("x_scales", [2, 6], powers))).Message;
        Assert.Contains("'x_scales' U8 [2, 6]", message);
    }

    [Theory]
    [InlineData(".qzeros", "'model.layers.0.mlp.down_proj.qzeros' of")]
    [InlineData(".qweight", "'model.layers.0.mlp.down_proj.qweight' of")]
    public void Contradiction_names_the_tensor_and_both_shapes(string suffix, string named)
    {
        var grid = new QuantGrid(Rows, Columns, 4, 32, 8, shuffled: false);
        SafetensorsWriter.Entry[] entries = [.. grid.Gptq(Name, added: 1).Select(entry => entry.Name.EndsWith(suffix, StringComparison.Ordinal)
            ? entry with { Shape = [entry.Shape[1], entry.Shape[0]] } : entry)];
        using Scratch folder = Folder("gptq", 4, 32, entries);
        string message = Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message;
        Assert.Contains(named, message);
        Assert.Matches(@"has shape \[\d+, \d+\]; expected \[\d+, \d+\]", message);
    }

    [Fact]
    public void Missing_part_and_unknown_bits_are_named()
    {
        var grid = new QuantGrid(Rows, Columns, 4, 32, 8, shuffled: false);
        using Scratch folder = Folder("gptq", 4, 32, [.. grid.Gptq(Name, added: 1).Where(entry => !entry.Name.EndsWith("scales", StringComparison.Ordinal))]);
        Assert.Contains($"no tensor '{Name}.scales'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);
        using Scratch odd = Folder("gptq", 5, 32, grid.Gptq(Name, added: 1));
        Assert.Contains("5 bits are unknown; known: 2, 3, 4, 8", Assert.Throws<NotSupportedException>(() => ModelFile.Open(odd.Folder)).Message);
    }

    internal static SafeTensor Stored(string name, long[] shape, byte[] bytes)
    {
        var memory = new Allocation(bytes.Length);
        bytes.CopyTo(memory.Slice(0, bytes.Length));
        return new(name, Dtype.Named("U8", "it"), shape, memory.Region);
    }

    internal static SafetensorsWriter.Entry Entry(string name, string dtype, long[] shape, byte[] bytes) => new(name, dtype, shape, bytes);

    private static SafetensorsWriter.Entry Floats(string name, long[] shape, float[] values) =>
        Entry(name, "F32", shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>A Llama folder of one layer whose down projection is packed.</summary>
    private static Scratch Folder(
        string method, int bits, int group, IReadOnlyList<SafetensorsWriter.Entry> packed, (int Rows, int Columns) block = default, string? format = null)
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config["num_hidden_layers"] = 1;
        recipe.Config["quantization_config"] = new JsonObject
        {
            ["quant_method"] = method,
            ["bits"] = bits,
            ["group_size"] = group,
            ["checkpoint_format"] = format,
            ["weight_block_size"] = new JsonArray(block.Rows, block.Columns),
        };
        Scratch folder = recipe.Write();
        using (var plain = Safetensors.Open(folder.Folder))
        {
            SafetensorsWriter.Write(folder["packed"], [.. plain.Tensors
                .Where(tensor => !tensor.Name.Contains(".1.", StringComparison.Ordinal) && tensor.Name != Name + ".weight")
                .Select(tensor => Entry(tensor.Name, "F32", [.. tensor.Shape], tensor.Bytes.Slice(0, (int)tensor.Bytes.Length).ToArray())), .. packed]);
        }

        File.Move(folder["packed"], folder["model.safetensors"], overwrite: true);
        return folder;
    }
}
