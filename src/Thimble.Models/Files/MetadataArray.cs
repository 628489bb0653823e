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
}
