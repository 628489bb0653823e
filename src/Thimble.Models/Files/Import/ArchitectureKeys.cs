namespace Thimble.Models.Files;

/// <summary>Metadata in the making: general keys first, then those of one architecture.</summary>
internal sealed class ArchitectureKeys
{
    private readonly string _architecture;

    /// <summary>Begins metadata as GGUF files begin.</summary>
    /// <param name="architecture">Such as <c>llama</c>.</param>
    /// <param name="path">The foreign model, whose name becomes <c>general.name</c>.</param>
    /// <param name="fileType">ggml's number for the format most weights have, such as 0 for F32 and 2 for Q4_0.</param>
    public ArchitectureKeys(string architecture, string path, int fileType)
    {
        _architecture = architecture;
        Metadata.Add("general.architecture", architecture);
        Metadata.Add("general.type", "model");
        Metadata.Add("general.name", Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))));
        Metadata.Add("general.file_type", (long)fileType);
    }

    /// <summary>What has been added.</summary>
    public Metadata Metadata { get; } = new();

    /// <summary>Adds a whole number: <c>Add("block_count", 5)</c> becomes <c>llama.block_count</c>.</summary>
    public ArchitectureKeys Add(string key, long value)
    {
        Metadata.Add($"{_architecture}.{key}", value);
        return this;
    }

    /// <summary>Sets a whole number, whatever it was.</summary>
    public ArchitectureKeys Set(string key, long value)
    {
        Metadata.Set($"{_architecture}.{key}", value);
        return this;
    }

    /// <summary>Sets a list of whole numbers, whatever it was.</summary>
    public ArchitectureKeys Set(string key, long[] values)
    {
        Metadata.Set($"{_architecture}.{key}", MetadataArray.Of(values));
        return this;
    }

    /// <summary>Adds a list of numbers.</summary>
    public ArchitectureKeys Add(string key, double[] values)
    {
        Metadata.Add($"{_architecture}.{key}", MetadataArray.Of(values));
        return this;
    }

    /// <summary>Adds a number.</summary>
    public ArchitectureKeys Add(string key, double value)
    {
        Metadata.Add($"{_architecture}.{key}", value);
        return this;
    }

    /// <summary>Adds text.</summary>
    public ArchitectureKeys Add(string key, string value)
    {
        Metadata.Add($"{_architecture}.{key}", value);
        return this;
    }

    /// <summary>Adds a flag.</summary>
    public ArchitectureKeys Add(string key, bool value)
    {
        Metadata.Add($"{_architecture}.{key}", value);
        return this;
    }

    /// <summary>Adds a list of whole numbers.</summary>
    public ArchitectureKeys Add(string key, long[] values)
    {
        Metadata.Add($"{_architecture}.{key}", MetadataArray.Of(values));
        return this;
    }
}
