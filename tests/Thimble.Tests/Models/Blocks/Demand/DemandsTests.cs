using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Blocks.Demand;

/// <summary>What blocks say of themselves against what a run shows.</summary>
public class DemandsTests
{
    private const int Past = 5, Tokens = 7, Sequences = 2;

    public static TheoryData<string> Named => TinyModelTests.Names;

    public static TheoryData<string> Fixtures => [.. Fixture.Names.Where(name => !name.Contains("40", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Named))]
    public void Products_are_those_that_a_run_computes(string name) => Compare(TinyModelTests.Make(name).File());

    [Theory, MemberData(nameof(Fixtures))]
    public void Products_of_a_file_are_those_that_a_run_computes(string name) => Compare(ModelFile.Open(Fixture.PathOf(name + ".gguf")));

    [Fact]
    public void Keys_and_values_written_are_those_that_the_pool_counts()
    {
        using var runs = new Runs(TinyModelTests.Make("gemma3").File(), cell: "F16");
        using var pool = new StatePool(runs.Decoder.States, 1, CellFormat.Named("F16"));
        IReadOnlyList<Operation> all = runs.Decoder.Describe(new RunShape(Sequences, Tokens, Past), CellFormat.Named("F16"));
        Assert.Equal(pool.BytesPerToken * Sequences * Tokens, all.Where(operation => operation.Kernel == Operation.Attention).Sum(operation => operation.CacheWrittenBytes), 6);
    }

    [Fact]
    public void A_window_bounds_what_is_read()
    {
        using var runs = new Runs(TinyModelTests.Make("gemma3").File());
        double[] read = [.. runs.Decoder.Describe(RunShape.Decode(1, 200), CellFormat.Named("F16"))
            .Where(operation => operation.Kernel == Operation.Attention).Select(operation => operation.CacheReadBytes)];
        double token = 2 * TinyModel.KeyHeads * TinyModel.Size * 2;
        Assert.Equal(9 * token, read[0]);
        Assert.Equal(201 * token, read.Max());
    }

    [Fact]
    public void Experts_that_no_token_meets_are_not_read()
    {
        using var runs = new Runs(TinyModelTests.Make("deepseek").File());
        double one = Read(1), many = Read(1000);
        Assert.Equal(3.0 / TinyModel.Experts, one / many, 6);

        double Read(int sequences) => runs.Decoder.Describe(RunShape.Decode(sequences, 1), CellFormat.Named("F16"))
            .First(operation => operation.Name.Contains("exps", StringComparison.Ordinal)).WeightBytes;
    }

    private static void Compare(ModelFile file)
    {
        using var team = new Team(1);
        using var pass = new Pass(team);
        using (file)
        {
            Decoder decoder = Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new(Precision.Floats)) { Context = 256 });
            if (decoder.Head is null || decoder.Reader is not null || decoder.LooksAhead)
                return;   // these have no steps of a generation
            using var states = new StatePool(decoder.States, 1 << 12, CellFormat.Named("F32"));
            SequenceState[] sequences = [.. Enumerable.Range(0, Sequences).Select(_ => new SequenceState(states))];
            Dictionary<string, double> seen = [];
            Feed(decoder, pass, sequences, Past);
            pass.Observer = (weight, x) => seen[Plain(weight.Name)] = seen.GetValueOrDefault(Plain(weight.Name)) + x.Rows;
            Feed(decoder, pass, sequences, Tokens);

            var told = decoder.Describe(new RunShape(Sequences, Tokens, Past), CellFormat.Named("F32"))
                .Where(operation => operation.IsProduct).GroupBy(operation => operation.Name)
                .ToDictionary(group => group.Key, group => group.Sum(operation => operation.Rows * operation.Matrices));
            Assert.Equal(seen.Keys.Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
            Assert.All(seen, pair => Assert.Equal(pair.Value, told[pair.Key], 6));
        }
    }

    private static void Feed(Decoder decoder, Pass pass, SequenceState[] sequences, int tokens)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        pass.Clear();
        int vocabulary = decoder.Embedding.Table.Rows;
        foreach (SequenceState state in sequences)
            pass.Add(state, [.. Enumerable.Range(0, tokens).Select(i => (i * 13) % vocabulary)], 1);
        Matrix last = decoder.Forward(pass);
        decoder.Head!.Apply(pass, last);
    }

    private static string Plain(string name) => name.Split('[')[0];
}
