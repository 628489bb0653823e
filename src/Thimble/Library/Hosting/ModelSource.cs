using Thimble.Models.Files;
using Thimble.Models.Vision;

namespace Thimble.Library;

/// <summary>What a name means: a file or folder with what the shelf says of it, or the model inside Thimble.</summary>
/// <param name="Name">The name.</param>
/// <param name="Path">The file or folder; null for the model inside Thimble.</param>
internal sealed record ModelSource(string Name, string? Path)
{
    private const string TemplateKey = "tokenizer.chat_template";

    /// <summary>What the shelf says of it; null for what does not lie there.</summary>
    public ShelfManifest? Manifest { get; init; }

    /// <summary>The adapters' files that are always applied.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>The projector's file that came with it; null for none.</summary>
    public string? Projector { get; init; }

    /// <summary>Whether another name means the same open model.</summary>
    public bool IsSame(ModelSource other) =>
        Path == other.Path && Manifest?.Template == other.Manifest?.Template && Adapters.SequenceEqual(other.Adapters, StringComparer.Ordinal);

    /// <summary>What a name on the shelf means.</summary>
    public static ModelSource Of(string name, ShelfManifest manifest, BlobStore store) => new(name, store.Open(manifest))
    {
        Manifest = manifest,
        Projector = manifest.Files.FirstOrDefault(file => file.Role == ShelfRole.Projector) is { } projector ? store.PathOf(projector.Digest) : null,
        Adapters = [.. manifest.Files.Where(file => file.Role == ShelfRole.Adapter).Select(file => store.PathOf(file.Digest))],
    };

    /// <summary>The chat template, in Jinja, that replaces the file's own; null for the file's own.</summary>
    public string? ChatTemplate()
    {
        if (Manifest?.Template is not { } text)
            return null;
        if (!ForeignTemplate.IsGo(text))
            return text;
        using ModelFile file = OpenFile();
        return ForeignTemplate.Jinja(text, file.Metadata.FindText(TemplateKey));
    }

    public ModelFile OpenFile() => Path is null ? DefaultModel.Open() : ModelFile.Open(Path);

    public Model Open(ModelOptions options)
    {
        ModelFile file = OpenFile();
        return Model.Open(file, options with { ChatTemplate = ChatTemplate() ?? options.ChatTemplate, Projector = options.Projector ?? Fitting(file) });
    }

    /// <summary>The projector that came with it, if this build knows its kind: without one the model still reads texts.</summary>
    private string? Fitting(ModelFile model)
    {
        if (Projector is null || model.FindInt("embedding_length") is not { } width)
            return null;
        using var file = ModelFile.Open(Projector);
        return Projectors.Fits(file, width) && Projectors.Knows(file) ? Projector : null;
    }
}
