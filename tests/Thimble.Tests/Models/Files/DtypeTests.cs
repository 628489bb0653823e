using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class DtypeTests
{
    [Theory]
    [InlineData("BOOL", new byte[] { 0, 1, 2 }, new float[] { 0, 1, 1 })]
    [InlineData("U8", new byte[] { 200 }, new float[] { 200 })]
    [InlineData("I8", new byte[] { 200 }, new float[] { -56 })]
    [InlineData("U16", new byte[] { 0xFF, 0xFF }, new float[] { 65535 })]
    [InlineData("I16", new byte[] { 0xFF, 0xFF }, new float[] { -1 })]
    [InlineData("I32", new byte[] { 0, 0, 0, 0x80 }, new float[] { int.MinValue })]
    [InlineData("I64", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new float[] { -2 })]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, new float[] { 1.5f })]
    [InlineData("BF16", new byte[] { 0xC0, 0x3F }, new float[] { 1.5f })]
    [InlineData("F16", new byte[] { 0, 0x3E, 0, 0xFC }, new float[] { 1.5f, float.NegativeInfinity })]
    [InlineData("F8_E4M3", new byte[] { 0x00, 0x01, 0x08, 0x38, 0x7E, 0xFE, 0x7F }, new float[] { 0, 0.001953125f, 0.015625f, 1, 448, -448, float.NaN })]
    [InlineData("F8_E5M2", new byte[] { 0x01, 0x3C, 0x7B, 0x7C, 0xFC, 0x7D }, new float[] { 1.52587890625e-5f, 1, 57344, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    public void Values_are_those_of_the_definition(string name, byte[] bytes, float[] expected)
    {
        var dtype = Dtype.Named(name, "It");
        float[] values = new float[bytes.Length / dtype.Size];
        dtype.Decode(bytes, values);
        Assert.Equal(expected, values);
    }

    [Fact]
    public void A_type_without_a_format_is_stored_as_F32()
    {
        using var file = Safetensors.Read("test", ReaderTarget.InMemory(SafetensorsTarget.File("""{"a":{"dtype":"F8_E4M3","shape":[70000],"data_offsets":[0,70000]}}""", 70000)));
        SafeTensor tensor = file.Tensors.First();
        Assert.Null(tensor.Dtype.Format);
        Assert.Equal(BlockFormats.Named("F32"), tensor.Stored("a").BlockFormat);
        Assert.Equal(tensor.Values(), tensor.Stored("a").Values());
    }
}
