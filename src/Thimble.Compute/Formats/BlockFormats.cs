using System.Diagnostics.CodeAnalysis;

namespace Thimble.Compute.Formats;

/// <summary>The formats this build knows, each added by its own file.</summary>
internal static class BlockFormats
{
    private static readonly SortedDictionary<int, BlockFormat> s_byType = [];
    private static readonly SortedDictionary<string, BlockFormat> s_byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All formats, by rising GGUF type.</summary>
    public static IEnumerable<BlockFormat> All => s_byType.Values;

    /// <summary>Adds a format. Its own file calls this when the assembly loads.</summary>
    public static void Add<TBlock>(int ggufType)
        where TBlock : unmanaged, IBlock<TBlock> => Add(new BlockFormat<TBlock>(ggufType));

    /// <summary>Adds a format of single floats.</summary>
    public static void AddFloat<TBlock>(int ggufType)
        where TBlock : unmanaged, IFloat<TBlock> => Add(new FloatFormat<TBlock>(ggufType));

    /// <summary>Adds a format of whole numbers under scales.</summary>
    public static void AddQuantized<TBlock>(int ggufType)
        where TBlock : unmanaged, IQuantized<TBlock> => Add(new QuantizedFormat<TBlock>(ggufType));

    /// <summary>Adds a format whose groups' scales are whole multiples of its block's.</summary>
    public static void AddSuper<TBlock>(int ggufType)
        where TBlock : unmanaged, ISuperBlock<TBlock> => Add(new SuperFormat<TBlock>(ggufType));

    /// <summary>The format with this GGUF type number, if known.</summary>
    public static bool TryFind(int ggufType, [NotNullWhen(true)] out BlockFormat? format) =>
        s_byType.TryGetValue(ggufType, out format);

    /// <summary>The format of this name, whatever its case.</summary>
    /// <exception cref="NotSupportedException">The name is unknown; the message lists the known ones.</exception>
    public static BlockFormat Named(string name) =>
        s_byName.TryGetValue(name, out BlockFormat? format)
            ? format
            : throw new NotSupportedException($"Format '{name}' is unknown; known: {string.Join(", ", s_byName.Keys)}.");

    private static void Add(BlockFormat format)
    {
        s_byType.Add(format.GgufType, format);
        s_byName.Add(format.Name, format);
    }
}
