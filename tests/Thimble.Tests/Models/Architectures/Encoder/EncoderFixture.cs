using System.Runtime.InteropServices;

namespace Thimble.Tests.Models.Architectures;

/// <summary>A small encoder with random weights, texts' tokens, and what llama.cpp makes of them by each pooling.</summary>
internal sealed class EncoderFixture
{
    private readonly float[] _vectors;   // [poolings, texts, width]

    public EncoderFixture(string name)
    {
        Model = Golden.Path($"encoders/{name}.gguf");
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(System.IO.File.ReadAllBytes(Golden.Path($"encoders/{name}.vectors")));
        (Poolings, Width) = (numbers[0], numbers[2]);
        int[] lengths = numbers.Slice(3, numbers[1]).ToArray();
        int at = 3 + lengths.Length;
        Texts = new int[lengths.Length][];
        for (int i = 0; i < lengths.Length; at += lengths[i++])
            Texts[i] = numbers.Slice(at, lengths[i]).ToArray();
        _vectors = MemoryMarshal.Cast<int, float>(numbers[at..]).ToArray();
    }

    /// <summary>Names of all fixtures.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Golden.Path("encoders"), "*.vectors")
        .Select(path => System.IO.Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public string Model { get; }

    /// <summary>3 for vectors by mean, first and last token; 1 for scores.</summary>
    public int Poolings { get; }

    public int Width { get; }

    public int[][] Texts { get; }

    /// <summary>What llama.cpp gives of a text by a pooling, from 0.</summary>
    public ReadOnlySpan<float> Expected(int pooling, int text) => _vectors.AsSpan(((pooling * Texts.Length) + text) * Width, Width);

    /// <summary>Normalised mean squared error of all texts' vectors by a pooling.</summary>
    public double Error(int pooling, float[][] vectors)
    {
        double difference = 0, power = 0;
        for (int text = 0; text < Texts.Length; text++)
        {
            ReadOnlySpan<float> expected = Expected(pooling, text);
            for (int i = 0; i < Width; i++)
            {
                difference += Math.Pow(vectors[text][i] - expected[i], 2);
                power += Math.Pow(expected[i], 2);
            }
        }

        return difference / power;
    }
}
