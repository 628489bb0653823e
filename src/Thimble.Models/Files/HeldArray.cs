using System.Text;

namespace Thimble.Models.Files;

/// <summary>A metadata array that was made here, not read: of text, raw UTF-8, numbers, flags or arrays.</summary>
/// <param name="kind">How a GGUF file stores an element.</param>
/// <param name="values">The elements: string[], byte[][], long[], double[], bool[] or MetadataArray[].</param>
internal sealed class HeldArray(GgufKind kind, Array values) : MetadataArray
{
    public override int Count => values.Length;

    internal override GgufKind Kind { get; } = kind;

    public override string[] Texts() => values is byte[][] raw ? Array.ConvertAll(raw, Encoding.UTF8.GetString) : As<string>("text");

    public override byte[][] Bytes() => values is string[] texts ? Array.ConvertAll(texts, Encoding.UTF8.GetBytes) : As<byte[]>("text");

    public override long[] Integers() => As<long>("whole numbers");

    public override double[] Numbers() => values is long[] whole ? Array.ConvertAll(whole, value => (double)value) : As<double>("numbers");

    public override bool[] Flags() => As<bool>("flags");

    public override MetadataArray[] Arrays() => As<MetadataArray>("arrays");

    public override string ToString() => $"array of {Count} {Kind}";

    private T[] As<T>(string expected) => values switch
    {
        T[] typed => [.. typed],
        { Length: 0 } => [],
        _ => throw new InvalidDataException($"A metadata array is an {this}; expected {expected}."),
    };
}
