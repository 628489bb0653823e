using System.Text.Json;
using System.Text.Json.Serialization;

namespace Thimble.Library;

/// <summary>A model on the shelf: which blobs, or which file of the user's own, make it up, and how it wants to be used.</summary>
internal sealed record ShelfManifest
{
    /// <summary>The layout of this file; a greater number is not read.</summary>
    public const int Known = 1;

    public int Schema { get; init; } = Known;

    public required string Name { get; init; }

    /// <summary>Where it came from: an address, or the name of another model.</summary>
    public string? Source { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>A file or folder outside the shelf, used where it lies; null where <see cref="Files"/> make up the model.</summary>
    public string? Place { get; init; }

    public IReadOnlyList<ShelfFile> Files { get; init; } = [];

    /// <summary>A chat template that replaces the file's own.</summary>
    public string? Template { get; init; }

    /// <summary>What the model is told where a conversation does not begin with it.</summary>
    public string? System { get; init; }

    /// <summary>Options for generating, by Ollama's names.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    public string? License { get; init; }

    [JsonIgnore]
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>One file of a model on the shelf.</summary>
/// <param name="Name">Its name in the model, which may hold slashes.</param>
/// <param name="Digest"><c>sha256:</c> and 64 digits.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Role">What it is for.</param>
internal sealed record ShelfFile(string Name, string Digest, long Bytes, ShelfRole Role = ShelfRole.Model);

/// <summary>What a file of a model is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShelfRole>))]
internal enum ShelfRole
{
    /// <summary>The model, or a part of it.</summary>
    Model,

    /// <summary>What turns images into the model's vectors.</summary>
    Projector,

    /// <summary>An adapter that is always applied.</summary>
    Adapter,
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(ShelfManifest))]
internal sealed partial class ShelfJson : JsonSerializerContext;
