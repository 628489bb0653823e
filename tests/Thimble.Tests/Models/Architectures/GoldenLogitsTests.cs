using System.Globalization;
using System.Runtime.InteropServices;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Logits that the models' own programs computed.</summary>
public class GoldenLogitsTests
{
    [Theory]
    [InlineData("ple-c3M-s0")]
    [InlineData("ple-c1M-s0")]
    [InlineData("ple-d32-s0")]
    [InlineData("lstm-c3M-s0")]
    [InlineData("gru-c1.5M-s0")]
    public void Story_models_match_to_2e5(string name)
    {
        int[] prompt = [1, 500, 1000, 200, 42, 777, 13, 99];
        string[] lines = File.ReadAllLines(Golden.Path($"ple-tinystories-int4/{name}_golden.txt"));
        float[] expected = [.. lines.Where(line => line.Length > 0 && !line.Contains(' ')).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
        using var model = new Runs(Golden.Path($"ple-tinystories-int4/{name}.bin"));
        Check(expected[^4096..], model, prompt, 2e-5);
    }

    [Theory]
    [InlineData("4v0-660K", 1e-4)]
    [InlineData("5v2-730K", 1e-4)]
    [InlineData("7v0-834K", 1e-4)]
    public void Rwkv_matches_to_1e4(string name, double tolerance)
    {
        float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Golden.Path($"rwkv-tiny/expected-logits-{name}.bin"))).ToArray();
        using var model = new Runs(Golden.Path($"rwkv-tiny/tiny-rwkv-{name}-FP32.bin"));
        Check(expected, model, [34, 105, 110], tolerance);
    }

    /// <summary>Whole, one by one, in chunks, and beside another sequence: near the expected logits, and all with the same bits.</summary>
    private static void Check(float[] expected, Runs model, int[] prompt, double tolerance)
    {
        float[] whole = model.Logits(prompt, prompt.Length)[^1];
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(whole[i], expected[i] - tolerance, expected[i] + tolerance);

        Assert.Equal(whole, model.Logits(prompt, 1)[^1]);
        Assert.Equal(whole, model.Logits(prompt, 2)[^1]);
        using SequenceState one = model.Start(), two = model.Start();
        float[][] both = model.Feed((one, prompt[..2]), (two, prompt));
        Assert.Equal(whole, both[^1]);
        Assert.Equal(whole, model.Feed((two, [5]), (one, prompt[2..]))[^1]);
    }
}
