using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The architectures this build knows, each added by its own file.</summary>
internal static class Architectures
{
    private static readonly SortedDictionary<string, Func<Blueprint, Decoder>> s_known = new(StringComparer.Ordinal);

    /// <summary>The names of all architectures.</summary>
    public static IReadOnlyCollection<string> Known => s_known.Keys;

    /// <summary>Adds an architecture. Its own file calls this when the assembly loads.</summary>
    /// <param name="name">As <c>general.architecture</c> names it.</param>
    /// <param name="build">Describes the model that a file holds.</param>
    public static void Add(string name, Func<Blueprint, Decoder> build) => s_known.Add(name, build);

    /// <summary>The model that a file holds.</summary>
    /// <exception cref="NotSupportedException">The architecture is unknown; the message lists the known ones.</exception>
    /// <exception cref="InvalidDataException">Something is missing in the file, contradicts something else in it, or is unknown.</exception>
    public static Decoder Build(Blueprint blueprint)
    {
        if (!s_known.TryGetValue(blueprint.File.Architecture, out Func<Blueprint, Decoder>? build))
        {
            IReadOnlyList<string> blocks = TensorSigns.Of(blueprint.File.Tensors);
            throw new NotSupportedException(
                $"Architecture '{blueprint.File.Architecture}' is unknown; known: {string.Join(", ", s_known.Keys)}."
                + (blocks.Count == 0 ? "" : $" Its tensors suggest that it needs: {string.Join(", ", blocks)}."));
        }

        Decoder decoder = build(blueprint);
        decoder.Source = blueprint.File.Path;
        decoder.Pooling ??= new PoolingParts(blueprint).Read();
        if (decoder.Reader is { } reader)
            reader.Encoder.Pooling = decoder.Pooling;
        UntakenTensors.Check(blueprint);
        return decoder;
    }
}
