using System.Text;

namespace Thimble.Models.Files;

/// <summary>A metadata array that an importer has made in memory.</summary>
internal sealed class ListedArray : MetadataArray
{
    private readonly Array _values;

    /// <summary>An array of text.</summary>
    public ListedArray(string[] values) => _values = values;

    /// <summary>An array of text given by its UTF-8, which need not be valid.</summary>
    public ListedArray(byte[][] values) => _values = values;

    /// <summary>An array of whole numbers.</summary>
    public ListedArray(long[] values) => _values = values;

    /// <summary>An array of numbers.</summary>
    public ListedArray(double[] values) => _values = values;

    /// <summary>An array of flags.</summary>
    public ListedArray(bool[] values) => _values = values;

    /// <inheritdoc />
    public override int Count => _values.Length;

    /// <inheritdoc />
    public override string[] Texts() =>
        _values as string[] ?? (_values is byte[][] bytes ? Array.ConvertAll(bytes, Encoding.UTF8.GetString) : throw Mistyped("text"));

    /// <inheritdoc />
    public override long[] Integers() => _values as long[] ?? throw Mistyped("whole numbers");

    /// <inheritdoc />
    public override double[] Numbers() =>
        _values as double[] ?? (_values is long[] whole ? Array.ConvertAll(whole, value => (double)value) : throw Mistyped("numbers"));

    /// <inheritdoc />
    public override bool[] Flags() => _values as bool[] ?? throw Mistyped("flags");

    /// <inheritdoc />
    public override byte[][] Bytes() =>
        _values as byte[][] ?? (_values is string[] texts ? Array.ConvertAll(texts, Encoding.UTF8.GetBytes) : throw Mistyped("text"));

    private InvalidDataException Mistyped(string expected) =>
        new($"A metadata array holds {_values.GetType().GetElementType()!.Name} values; expected {expected}.");
}

/// <summary>Makes metadata arrays in memory.</summary>
internal static class ListedArrays
{
    extension(MetadataArray)
    {
        /// <summary>An array of text.</summary>
        public static MetadataArray Of(string[] values) => new ListedArray(values);

        /// <summary>An array of text given by its UTF-8, which need not be valid.</summary>
        public static MetadataArray Of(byte[][] values) => new ListedArray(values);

        /// <summary>An array of whole numbers.</summary>
        public static MetadataArray Of(long[] values) => new ListedArray(values);

        /// <summary>An array of numbers.</summary>
        public static MetadataArray Of(double[] values) => new ListedArray(values);

        /// <summary>An array of flags.</summary>
        public static MetadataArray Of(bool[] values) => new ListedArray(values);
    }
}
