using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>A metadata array of numbers an importer has made.</summary>
internal sealed class ListedNumbers(double[] numbers) : MetadataArray
{
    public override int Count => numbers.Length;

    public override double[] Numbers() => numbers;

    public override long[] Integers() => Array.TrueForAll(numbers, number => number == Math.Truncate(number))
        ? Array.ConvertAll(numbers, number => (long)number)
        : throw Mistyped("whole numbers");

    public override string[] Texts() => throw Mistyped("text");

    public override byte[][] Bytes() => throw Mistyped("text");

    public override bool[] Flags() => throw Mistyped("flags");

    private static InvalidDataException Mistyped(string expected) => new($"A metadata array holds numbers; expected {expected}.");
}
