namespace Thimble.Models.Files;

/// <summary>A metadata array: values of one type, decoded when they are asked for.</summary>
public abstract class MetadataArray
{
    /// <summary>Elements.</summary>
    public abstract int Count { get; }

    /// <summary>The elements as text.</summary>
    /// <exception cref="InvalidDataException">They are not text.</exception>
    public abstract string[] Texts();

    /// <summary>The elements as whole numbers.</summary>
    /// <exception cref="InvalidDataException">They are not whole numbers.</exception>
    public abstract long[] Integers();

    /// <summary>The elements as numbers.</summary>
    /// <exception cref="InvalidDataException">They are not numbers.</exception>
    public abstract double[] Numbers();

    /// <summary>The elements as flags.</summary>
    /// <exception cref="InvalidDataException">They are not flags.</exception>
    public abstract bool[] Flags();

    /// <summary>The elements as raw UTF-8, for vocabularies whose entries need not be valid text.</summary>
    /// <exception cref="InvalidDataException">They are not text.</exception>
    public abstract byte[][] Bytes();

    /// <summary>The elements as arrays.</summary>
    /// <exception cref="InvalidDataException">They are not arrays.</exception>
    public virtual MetadataArray[] Arrays() =>
        Count == 0 ? [] : throw new InvalidDataException($"A metadata array of {Count} elements holds no arrays.");

    /// <summary>How a GGUF file stores an element.</summary>
    internal abstract GgufKind Kind { get; }

    /// <summary>An array of text.</summary>
    internal static MetadataArray Of(string[] values) => new HeldArray(GgufKind.String, values);

    /// <summary>An array of raw UTF-8, for vocabularies whose entries need not be valid text.</summary>
    internal static MetadataArray Of(byte[][] values) => new HeldArray(GgufKind.String, values);

    /// <summary>An array of whole numbers; a GGUF file stores them as <paramref name="kind"/>.</summary>
    internal static MetadataArray Of(long[] values, GgufKind kind = GgufKind.Int32) => new HeldArray(kind, values);

    /// <summary>An array of numbers; a GGUF file stores them as <paramref name="kind"/>.</summary>
    internal static MetadataArray Of(double[] values, GgufKind kind = GgufKind.Float32) => new HeldArray(kind, values);

    /// <summary>An array of flags.</summary>
    internal static MetadataArray Of(bool[] values) => new HeldArray(GgufKind.Bool, values);

    /// <summary>An array of arrays.</summary>
    internal static MetadataArray Of(MetadataArray[] values) => new HeldArray(GgufKind.Array, values);
}
