using System.Runtime.InteropServices;
using Xunit.Abstractions;

namespace Thimble.Tests.Models.Architectures;

/// <summary>An encoder-decoder model against the logits of llama.cpp.</summary>
public class ReaderTests(ITestOutputHelper output)
{
    [Fact]
    public void Logits_of_what_is_written_are_those_of_llama_cpp_in_any_chunks()
    {
        (int[][] sources, int[] tokens, float[] expected) = Expected();
        using var runs = new Runs(Golden.Path("encoders/t5.gguf"), threads: 2);
        int each = expected.Length / sources.Length;
        for (int i = 0; i < sources.Length; i++)
        {
            float[][] whole = runs.Written(sources[i], tokens, tokens.Length);
            double error = Error([.. whole.SelectMany(row => row)], expected.AsSpan(i * each, each));
            output.WriteLine($"NMSE t5 {error:e1}");
            Assert.InRange(error, 0, 1e-6);
            Assert.Equal(whole, runs.Written(sources[i], tokens, 1));
            Assert.Equal(whole, runs.Written(sources[i], tokens, 7));
        }
    }

    private static (int[][] Sources, int[] Tokens, float[] Logits) Expected()
    {
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(Golden.Path("encoders/t5.logits")));
        int texts = numbers[0], count = numbers[1], at = 3 + texts;
        int[][] sources = new int[texts][];
        for (int i = 0; i < texts; at += numbers[3 + i++])
            sources[i] = numbers.Slice(at, numbers[3 + i]).ToArray();
        return (sources, numbers.Slice(at, count).ToArray(), MemoryMarshal.Cast<int, float>(numbers[(at + count)..]).ToArray());
    }

    private static double Error(ReadOnlySpan<float> logits, ReadOnlySpan<float> expected)
    {
        double difference = 0, power = 0;
        for (int i = 0; i < expected.Length; i++)
            (difference, power) = (difference + Math.Pow(logits[i] - expected[i], 2), power + Math.Pow(expected[i], 2));
        return difference / power;
    }
}
