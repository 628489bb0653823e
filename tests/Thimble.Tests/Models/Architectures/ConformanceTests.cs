using Thimble.Models.Files;
using Thimble.Models.States;
using Xunit.Abstractions;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Architectures against the logits of llama.cpp, on small models with random weights.</summary>
public class ConformanceTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-6;

    /// <summary>Fixtures of architectures that have no description yet.</summary>
    private static readonly string[] s_notYet = [];

    public static TheoryData<string> Described => [.. Fixture.Names.Except(s_notYet)];

    [Theory]
    [MemberData(nameof(Described))]
    public void Logits_are_those_of_llama_cpp_however_tokens_are_fed(string name)
    {
        var fixture = new Fixture(name);
        using var model = new Runs(fixture.Model);
        float[][] whole = model.Logits(fixture.Tokens, fixture.Tokens.Length);
        output.WriteLine($"NMSE {name} {fixture.Error(whole):e1}");

        Assert.InRange(fixture.Error(whole), 0, Tolerance);
        Assert.InRange(fixture.Error(model.Logits(fixture.Tokens, 1)), 0, Tolerance);
        Assert.InRange(fixture.Error(model.Logits(fixture.Tokens, 7)), 0, Tolerance);
        Assert.InRange(fixture.Error(Paired(model, fixture.Tokens)), 0, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Described))]
    public void Feeding_moves_no_bit(string name)
    {
        var fixture = new Fixture(name);
        using var model = new Runs(fixture.Model, threads: 2);
        float[][] whole = model.Logits(fixture.Tokens, fixture.Tokens.Length);
        Assert.Equal(whole, model.Logits(fixture.Tokens, 1));
        Assert.Equal(whole, model.Logits(fixture.Tokens, 7));
        Assert.Equal(whole, Paired(model, fixture.Tokens));
    }

    [SharedFact("models/arch-fixtures", cases: 43)]
    public void Only_the_listed_fixtures_are_left_out() =>
        Assert.Equal(s_notYet, Fixture.Names.Where(name =>
        {
            using var file = ModelFile.Open(Fixture.PathOf(name + ".gguf"));
            return !Thimble.Models.Architectures.Architectures.Known.Contains(file.Architecture);
        }));

    /// <summary>The logits of a sequence that shares its runs with another, at another place in it.</summary>
    private static float[][] Paired(Runs model, int[] tokens)
    {
        int cut = tokens.Length / 3;
        using SequenceState one = model.Start(), two = model.Start();
        float[][] first = model.Feed((two, tokens[..5]), (one, tokens[..cut]));
        float[][] second = model.Feed((one, tokens[cut..]), (two, tokens[5..]));
        return [.. first[5..], .. second[..(tokens.Length - cut)]];
    }
}
