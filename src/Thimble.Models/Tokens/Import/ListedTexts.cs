using System.Text;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>A metadata array of texts an importer has made.</summary>
internal sealed class ListedTexts(byte[][] texts) : MetadataArray
{
    public override int Count => texts.Length;

    public override string[] Texts() => Array.ConvertAll(texts, Encoding.UTF8.GetString);

    public override byte[][] Bytes() => texts;

    public override long[] Integers() => throw Mistyped("whole numbers");

    public override double[] Numbers() => throw Mistyped("numbers");

    public override bool[] Flags() => throw Mistyped("flags");

    private static InvalidDataException Mistyped(string expected) => new($"A metadata array holds text; expected {expected}.");
}
