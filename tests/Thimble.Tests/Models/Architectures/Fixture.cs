using System.Runtime.InteropServices;

namespace Thimble.Tests.Models.Architectures;

/// <summary>A small model with random weights, token ids, and the logits that llama.cpp computes for them.</summary>
internal sealed class Fixture
{
    private const string Folder = "models/arch-fixtures";

    private readonly float[] _logits;   // [tokens, vocabulary]
    private readonly int _vocabulary;

    public Fixture(string name)
    {
        Model = PathOf(name + ".gguf");
        byte[] bytes = System.IO.File.ReadAllBytes(PathOf(name + ".logits"));
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(bytes);
        _vocabulary = numbers[1];
        Tokens = numbers.Slice(3, numbers[0]).ToArray();
        _logits = MemoryMarshal.Cast<int, float>(numbers[(3 + numbers[0])..]).ToArray();
    }

    /// <summary>Names of all fixtures that lie here: a few in the repository, more beside it.</summary>
    public static IEnumerable<string> Names => new[] { Golden.Path("arch-fixtures"), Golden.Shared(Folder) }
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.gguf"))
        .Select(path => System.IO.Path.GetFileNameWithoutExtension(path))
        .Distinct().Order(StringComparer.Ordinal);

    public string Model { get; }

    public int[] Tokens { get; }

    /// <summary>Normalised mean squared error of logits after the tokens from <paramref name="first"/> on.</summary>
    public double Error(IEnumerable<float[]> logits, int first = 0)
    {
        double difference = 0, power = 0;
        int at = first * _vocabulary;
        foreach (float value in logits.SelectMany(row => row))
        {
            difference += Math.Pow(value - _logits[at], 2);
            power += Math.Pow(_logits[at++], 2);
        }

        return difference / power;
    }

    public static string PathOf(string file) => System.IO.File.Exists(Golden.Path("arch-fixtures/" + file))
        ? Golden.Path("arch-fixtures/" + file)
        : Golden.Shared($"{Folder}/{file}");
}
