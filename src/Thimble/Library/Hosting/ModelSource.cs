using Thimble.Models.Files;

namespace Thimble.Library;

/// <summary>What a name means: a file or folder, or the model inside Thimble.</summary>
/// <param name="Name">The name.</param>
/// <param name="Path">The file or folder; null for the model inside Thimble.</param>
internal sealed record ModelSource(string Name, string? Path)
{
    /// <summary>Whether another name means the same open model.</summary>
    public bool IsSame(ModelSource other) => Path == other.Path;

    public ModelFile OpenFile() => Path is null ? DefaultModel.Open() : ModelFile.Open(Path);

    public Model Open(ModelOptions options) => Path is null ? Model.OpenDefault(options) : Model.Open(Path, options);
}
