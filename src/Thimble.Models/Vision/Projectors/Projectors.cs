using System.Collections.Immutable;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Files;

namespace Thimble.Models.Vision;

/// <summary>The kinds of projector files this build knows, each added by its own file.</summary>
internal static class Projectors
{
    private static ImmutableSortedDictionary<string, Func<VisionParts, VisionTower>> s_known =
        ImmutableSortedDictionary.Create<string, Func<VisionParts, VisionTower>>(StringComparer.Ordinal);

    /// <summary>The names of all kinds.</summary>
    public static IEnumerable<string> Known => s_known.Keys;

    /// <summary>The kind that a file is of; null for a file of something else.</summary>
    public static string? KindOf(ModelFile file) => file.Metadata.FindText("general.architecture") != "clip"
        ? null
        : file.FindText("projector_type") ?? file.FindText("vision.projector_type") ?? "mlp";

    /// <summary>Adds a kind. Its own file calls this when the assembly loads.</summary>
    /// <param name="name">As <c>clip.projector_type</c> names it.</param>
    /// <param name="build">Describes the tower that a file holds.</param>
    public static void Add(string name, Func<VisionParts, VisionTower> build) => s_known = s_known.Add(name, build);

    /// <summary>Whether a file is one of a tower and its projector, and for a text model of so many features.</summary>
    public static bool Fits(ModelFile file, int width) =>
        file.Metadata.FindText("general.architecture") == "clip" && file.FindInt("vision.projection_dim") == width;

    /// <summary>Whether a file holds a tower and projector of a kind that is known.</summary>
    public static bool Knows(ModelFile file) =>
        KindOf(file) is { } kind && s_known.ContainsKey(kind) && (file.FindFlag("has_vision_encoder") ?? true);

    /// <summary>The tower that a file holds.</summary>
    /// <exception cref="NotSupportedException">Its kind is unknown; the message lists the known ones.</exception>
    /// <exception cref="InvalidDataException">Something is missing in the file, contradicts something else in it, or is unknown.</exception>
    public static VisionTower Open(ModelFile file, Opening opening)
    {
        if (file.Architecture != "clip")
            throw new InvalidDataException($"'{file.Path}' holds a model of architecture '{file.Architecture}'; a projector file is of architecture 'clip'.");
        if (!(file.FindFlag("has_vision_encoder") ?? true))
            throw new NotSupportedException($"'{file.Path}' holds no vision tower; known are projector files of images.");
        string kind = KindOf(file)!;
        if (!s_known.TryGetValue(kind, out Func<VisionParts, VisionTower>? build))
            throw new NotSupportedException($"Projector '{kind}' of '{file.Path}' is unknown; known: {string.Join(", ", s_known.Keys)}.");
        var from = new Blueprint(file, opening);
        VisionTower tower = build(new(from)) with { Source = file.Path };
        UntakenTensors.Check(from);
        return tower;
    }
}
