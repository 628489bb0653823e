using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Xunit.Abstractions;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Encoders and rerankers against the vectors and scores of llama.cpp, on small models with random weights.</summary>
public class EncoderConformanceTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-6;

    public static TheoryData<string> Fixtures => [.. EncoderFixture.Names];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Vectors_are_those_of_llama_cpp_by_every_pooling(string name)
    {
        var fixture = new EncoderFixture(name);
        for (int pooling = 0; pooling < fixture.Poolings; pooling++)
        {
            double error = fixture.Error(pooling, Vectors(fixture, fixture.Poolings == 1 ? null : (PoolingKind)(pooling + 1)));
            output.WriteLine($"NMSE {name} {pooling} {error:e1}");
            Assert.InRange(error, 0, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Neighbours_and_threads_move_no_bit(string name)
    {
        var fixture = new EncoderFixture(name);
        float[][] together = Vectors(fixture, null, threads: 2);
        for (int text = 0; text < fixture.Texts.Length; text++)
            Assert.Equal(together[text], Vectors(fixture.Model, [fixture.Texts[text]], null, threads: 1)[0]);
    }

    private static float[][] Vectors(EncoderFixture fixture, PoolingKind? kind, int threads = 1) => Vectors(fixture.Model, fixture.Texts, kind, threads);

    private static float[][] Vectors(string path, int[][] texts, PoolingKind? kind, int threads)
    {
        using var runs = new Runs(ModelFile.Open(path), threads: threads);
        if (kind is { } other)
            runs.Decoder.Pooling = runs.Decoder.Pooling! with { Kind = other };
        return runs.Vectors(texts);
    }
}
