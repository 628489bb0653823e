using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble;

/// <summary>The story model inside this assembly.</summary>
internal static class DefaultModel
{
    /// <summary>Its name, for messages.</summary>
    public const string Name = "tinystories.gguf";

    /// <summary>What it is asked for by.</summary>
    public const string Alias = "default";

    /// <summary>Whether a name means it.</summary>
    public static bool IsNamed(string name) =>
        name.Equals(Alias, StringComparison.OrdinalIgnoreCase) || name.Equals(Path.GetFileNameWithoutExtension(Name), StringComparison.OrdinalIgnoreCase);

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
