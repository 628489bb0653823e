using Thimble.Models.Files;

namespace Thimble.Tests.Library;

/// <summary>The model that comes with Thimble is what its importer makes of the authors' file, bit for bit.</summary>
public class DefaultModelTests
{
    [Fact]
    public void Embedded_model_is_its_source_converted()
    {
        using var source = ModelFile.Open(Golden.Path("ple-tinystories-int4/ple-c3M-s0.bin"));
        using var shipped = ModelFile.Open(Path.Combine(Golden.Root, "models", "tinystories.gguf"));
        Assert.Equal(source.Tensors.Select(tensor => tensor.Name), shipped.Tensors.Select(tensor => tensor.Name));
        foreach (StoredTensor tensor in source.Tensors)
        {
            Assert.True(shipped.TryGetTensor(tensor.Name, out StoredTensor? twin));
            Assert.Equal(tensor.Format, twin.Format);
            Assert.True(tensor.Bytes().Slice(0, (int)tensor.Length).SequenceEqual(twin.Bytes().Slice(0, (int)twin.Length)), tensor.Name);
        }
    }
}
