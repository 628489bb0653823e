using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble;

/// <summary>The story model inside this assembly.</summary>
internal static class DefaultModel
{
    /// <summary>Its name, for messages.</summary>
    public const string Name = "tinystories.gguf";

    /// <summary>Opens it.</summary>
    public static ModelFile Open()
    {
        using Stream stream = typeof(DefaultModel).Assembly.GetManifestResourceStream(Name)
            ?? throw new FileNotFoundException($"This build of Thimble was made without its default model '{Name}'.", Name);
        var memory = new Allocation(stream.Length);
        stream.ReadExactly(memory.Slice(0, (int)stream.Length));
        GgufPart part = Gguf.Read(Name, memory.Region);
        return new ModelFile(Name, part.Metadata, part.Tensors, memory);
    }
}
