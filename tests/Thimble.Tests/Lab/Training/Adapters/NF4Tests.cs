using Thimble.Lab.Training;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>QLoRA's format, and learning on top of it.</summary>
public class NF4Tests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(4097)]
    public void Values_come_back_to_the_nearest_level_of_their_group(int columns)
    {
        var format = new NF4(columns);
        var random = new Random(columns);
        float[] values = [.. Enumerable.Range(0, 2 * columns).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))], back = new float[values.Length];
        byte[] blocks = new byte[2 * format.BlockBytes];
        format.Encode(values, [], blocks);
        format.Decode(blocks, back);
        double error = Math.Sqrt(values.Zip(back).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / values.Sum(value => value * value));
        output.WriteLine($"{format.BitsPerWeight:f3} bits, error {error:p2}");
        Assert.InRange(error, 0.02, 0.12);
        Assert.InRange(format.BitsPerWeight, 4.1, columns < 128 ? 5.3 : 4.2);
    }

    [Fact]
    public void The_greatest_value_and_zero_are_kept_where_all_groups_are_alike()
    {
        float[] values = [.. Enumerable.Range(0, 128).Select(i => i % 64 == 3 ? -2f : i % 64 == 5 ? 2f : 0)], back = new float[128];
        var format = new NF4(128);
        byte[] blocks = new byte[format.BlockBytes];
        format.Encode(values, [], blocks);
        format.Decode(blocks, back);
        Assert.Equal(values, back);
    }

    [Fact]
    public void A_base_in_nf4_is_near_itself_takes_a_fifth_of_the_memory_and_can_be_adapted()
    {
        using var plain = new AdaptedModel(AdaptedModel.Stories);
        using var packed = new AdaptedModel(AdaptedModel.Stories, new() { Rank = 4, Base = "nf4" });
        double before = plain.Loss(AdaptedModel.Batch).Mean, after = packed.Loss(AdaptedModel.Batch).Mean;
        output.WriteLine($"loss {before:f4}, in NF4 {after:f4}; {packed.Model.Bytes} bytes");
        Assert.InRange(after / before, 0.9, 1.15);
        long matrices = packed.File.Tensors.Where(tensor => tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && tensor.Rows > 1).Sum(tensor => tensor.Length);
        Assert.InRange(packed.Model.Bytes, matrices / 8, matrices / 5);
        Assert.InRange(packed.Learn(12), 0, 0.9);
    }

    [Fact]
    public void Gradients_go_through_packed_weights()
    {
        using AdaptedModel model = new AdaptedModel(AdaptedModel.Stories, new() { Rank = 4, Base = "nf4" }).Stir(size: 0.05f).Turn();
        double pulled = model.Pulled(AdaptedModel.Batch), difference = model.Difference(AdaptedModel.Batch, 5e-3f);
        Assert.Equal(pulled, difference, Math.Max(1e-3, Math.Abs(pulled) * 5e-3));
    }

    [Fact]
    public void An_unknown_format_is_refused() =>
        Assert.Contains("cannot be packed as 'fp4'; known: nf4", Assert.Throws<ArgumentException>(() => new AdaptedModel(AdaptedModel.Stories, new() { Base = "fp4" })).Message, StringComparison.Ordinal);
}
