using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>Which layers see only keys near by.</summary>
/// <param name="Window">Keys they see.</param>
/// <param name="Covers">Whether a layer is one of them.</param>
internal sealed record LocalLayers(int Window, Func<int, bool> Covers)
{
    /// <summary>Whether windows lie side by side rather than moving with the query.</summary>
    public bool Chunked { get; init; }

    /// <summary>Whether windows lie around the query rather than behind it.</summary>
    public bool Around { get; init; }

    /// <summary>The local layers of a file; null for none.</summary>
    /// <param name="from">The file.</param>
    /// <param name="period">Layers after which one sees all, where the file does not say; 0 for never.</param>
    /// <param name="window">Keys they see, where the file does not say; 0 for all.</param>
    /// <param name="wideFirst">Whether the first of a period's layers sees all, not the last.</param>
    public static LocalLayers? Read(Blueprint from, int period, int window = 0, bool wideFirst = false)
    {
        int size = from.File.FindInt("attention.sliding_window") is > 0 and var given ? given : window;
        if (size == 0)
            return null;
        const string key = "attention.sliding_window_pattern";
        if (from.File.Metadata.TryGet($"{from.File.Architecture}.{key}", out object? value) && value is MetadataArray array)
        {
            bool[] pattern = array.Kind == GgufKind.Bool ? array.Flags() : [.. array.Integers().Select(flag => flag != 0)];
            return pattern.Length >= from.Layers
                ? new(size, layer => pattern[layer])
                : throw from.Wrong(key, $"an array of {pattern.Length}", $"{from.Layers} elements");
        }

        int every = from.File.FindInt(key) ?? period;
        return new(size, layer => every == 0 || (wideFirst ? layer % every > 0 : layer % every < every - 1));
    }
}
