using Thimble.Compute.Memory;
using Thimble.Models.Files;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Heads;

/// <summary>Random heads: the mechanism, for there are no trained ones here.</summary>
public sealed class MedusaDrafterTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("d32"));
    private readonly string _path = Path.GetTempFileName();

    public void Dispose()
    {
        _desk.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Heads_guess_trees_and_the_text_stays()
    {
        using MedusaHeads heads = Heads(3);
        int[] prompt = _desk.Tokenizer.Encode("Once upon a time"), plain = _desk.Write(prompt, 40, SamplingOptions.Greedy);
        using var speculation = new Speculation(new MedusaDrafter(heads, _desk.Team) { Levels = [4, 6, 2] }, Desk.Pace());
        Assert.Equal(plain, _desk.Write(prompt, 40, SamplingOptions.Greedy, speculation));
        Assert.Equal(12.0, speculation.Counts.Drafted / (double)speculation.Counts.Drafts, 1);
    }

    [Fact]
    public void A_head_is_a_block_and_a_matrix()
    {
        using MedusaHeads heads = Heads(1);
        using var file = Safetensors.Open(_path);
        using var scratch = new Arena();
        float[] h = Values(heads.Width, 9), expected = new float[heads.Vocabulary];
        file.TryGet("0.0.linear.weight", out SafeTensor? block);
        file.TryGet("0.1.weight", out SafeTensor? output);
        double[] x = [.. Product(block!.Values(), h).Select((y, i) => h[i] + ((y + 0.01) / (1 + Math.Exp(-(y + 0.01)))))];
        expected = [.. Product(output!.Values(), [.. x.Select(value => (float)value)]).Select(value => (float)value)];
        float[] got = heads.Score(0, h, scratch, _desk.Team).ToArray();
        Assert.True(Enumerable.Range(0, got.Length).Max(i => Math.Abs(got[i] - expected[i])) < 0.02 * expected.Max(Math.Abs));
    }

    [Fact]
    public void Heads_of_another_model_are_refused()
    {
        Write(1, width: 64);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => MedusaHeads.Open(_path, _desk.Decoder.Embedding.Width, _desk.Vocabulary));
        Assert.Contains("0.0.linear.weight", refusal.Message, StringComparison.Ordinal);
    }

    private MedusaHeads Heads(int count)
    {
        Write(count, _desk.Decoder.Embedding.Width);
        return MedusaHeads.Open(_path, _desk.Decoder.Embedding.Width, _desk.Vocabulary);
    }

    private void Write(int count, int width)
    {
        using FileStream stream = File.Create(_path);
        List<(string Name, long[] Shape, float[] Values)> tensors = [];
        for (int head = 0; head < count; head++)
        {
            tensors.Add(($"{head}.0.linear.weight", [width, width], Values(width * width, head)));
            tensors.Add(($"{head}.0.linear.bias", [width], [.. Enumerable.Repeat(0.01f, width)]));
            tensors.Add(($"{head}.1.weight", [_desk.Vocabulary, width], Values(_desk.Vocabulary * width, head + 5)));
        }

        SafetensorsText.Write(stream, tensors);
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5) * 0.3f)];
    }

    private static IEnumerable<double> Product(float[] matrix, float[] x) =>
        Enumerable.Range(0, matrix.Length / x.Length).Select(row => Enumerable.Range(0, x.Length).Sum(i => (double)matrix[(row * x.Length) + i] * x[i]));
}

/// <summary>A safetensors file as its format says: a length, a header in JSON, values.</summary>
internal static class SafetensorsText
{
    public static void Write(Stream stream, IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        long at = 0;
        List<string> entries = [];
        foreach ((string name, long[] shape, float[] values) in tensors)
        {
            entries.Add($"\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{at},{at += values.Length * 4}]}}");
        }

        byte[] header = System.Text.Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}");
        stream.Write(BitConverter.GetBytes((long)header.Length));
        stream.Write(header);
        foreach ((_, _, float[] values) in tensors)
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
    }
}
