using System.Globalization;
using System.Text.Json;
using Thimble.Lab.Analyze;
using Thimble.Models.Blocks;
using Thimble.Planning;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Analyze;

public class GenZTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-9;

    internal static readonly Dictionary<string, TransformerShape> Shapes = new()
    {
        ["gpt-2"] = new("gpt2", 768, 12, 12, 12, 3072, 50257) { Widenings = 1 },
        ["facebook/opt-125m"] = new("opt", 768, 12, 12, 12, 3072, 50272) { Widenings = 1 },
        ["llama2_7b"] = new("llama2_7b", 4096, 32, 32, 32, 11008, 32000),
        ["llama2_70b"] = new("llama2_70b", 8192, 80, 64, 8, 28672, 32000),
        ["llama3_8b"] = new("llama3_8b", 4096, 32, 32, 8, 14336, 128256),
        ["mixtral_8x7b"] = new("mixtral_8x7b", 4096, 32, 32, 8, 14336, 32000) { Experts = 8, ExpertsUsed = 2 },
    };

    [SharedFact("data/expected/genz_expected.json", cases: 692)]
    public void Every_row_of_the_published_tool_comes_out()
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Golden.Shared("data/expected/genz_expected.json")));
        int rows = 0;
        foreach (JsonElement row in expected.RootElement.GetProperty("rows").EnumerateArray())
        {
            var platform = new GenZ(Shapes[Text("model")], Devices.Named(Text("system")), new()
            {
                Tensor = Whole("tp"),
                Number = Text("bits") switch { "int8" => Device.I8, "int4" => Device.I4, _ => Device.F16 },
                Efficiency = row.GetProperty("eff").GetDouble(),
            });
            GenZResult result = Text("stage") == "prefill" ? platform.Prefill(Whole("batch"), Whole("inp")) : platform.Decode(Whole("batch"), Whole("inp"), Whole("out"));
            Near(row.GetProperty("latency_ms"), result.Seconds * 1e3);
            Near(row.GetProperty("throughput"), result.PerSecond);
            Near(row.GetProperty("weights_MB"), result.WeightBytes / (1 << 20));
            Near(row.GetProperty("kv_MB"), result.CacheBytes / (1 << 20));
            Near(row.GetProperty("macs_MFLOP"), result.Operations / 1e6);
            foreach (JsonProperty part in row.GetProperty("breakdown").EnumerateObject())
                Near(part.Value, result.Breakdown.GetValueOrDefault(part.Name) * 1e3);
            rows++;

            string Text(string field) => row.GetProperty(field).GetString()!;
            int Whole(string field) => row.GetProperty(field).GetInt32();
            void Near(JsonElement wanted, double got) =>
                Assert.True(Math.Abs(got - wanted.GetDouble()) <= Tolerance * Math.Abs(wanted.GetDouble()), $"{got}, expected {wanted}, of {row}");
        }

        output.WriteLine($"{rows} rows");
        Assert.True(rows >= 692);
    }

    [Theory]
    [InlineData("llama2_7b", "TPU", "prefill")]
    [InlineData("llama2_7b", "TPU", "decode")]
    [InlineData("mixtral_8x7b", "GH200", "prefill")]
    [InlineData("mixtral_8x7b", "GH200", "decode")]
    public void Operations_are_those_of_the_published_tables(string model, string system, string stage)
    {
        Device device = system == "TPU" ? s_tpu : Devices.Named("GH200_GPU") with { OperationsPerSecond = new Dictionary<string, double> { [Device.F16] = 2000e12 } };
        var platform = new GenZ(Shapes[model], device, new() { Efficiency = 0.8 });
        GenZResult result = stage == "prefill" ? platform.Prefill(1, 1024) : platform.Decode(1, 1024, 32);
        OperationTime[] layer = [.. result.Times.Where(time => time.Operation.Name is not ("embeddings" or "classifier"))];
        string[][] rows = [.. Rows($"{model}_{stage}_on_{system}.csv")];
        Assert.Equal(rows.Length - 1, layer.Length);
        for (int i = 0; i < layer.Length; i++)
            Check(rows[0], rows[i + 1], layer[i]);
    }

    [Fact]
    public void Drafted_tokens_expect_what_the_series_sums_to()
    {
        Assert.Equal((1 - Math.Pow(0.7, 5)) / 0.3, GenZ.ExpectedTokens(4, 0.7), 12);
        Assert.Equal(5, GenZ.ExpectedTokens(4, 1), 12);
        Assert.Equal(4, GenZ.ExpectedTokens(4, 1, capped: true), 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => GenZ.ExpectedTokens(4, 1.1));
    }

    [Fact]
    public void The_least_platform_is_a_power_of_two_that_fits()
    {
        var platform = new GenZ(Shapes["llama2_70b"], Devices.Named("A100_80GB_GPU"), new() { Compatible = false });
        (int nodes, Platform best, GenZResult result) = platform.LeastPlatform(new("chat", 2048, 128));
        Assert.Equal((2, 2), (nodes, best.Nodes));
        Assert.True(result.Memory < 80e9);
        Assert.Throws<CapacityException>(() => platform.LeastPlatform(new("long", 100_000, 128) { Batch = 100 }, most: 2));
    }

    [Fact]
    public void A_required_platform_just_keeps_its_times()
    {
        UseCase use = new("chat", 512, 64) { FirstTokenSeconds = 0.5, TokenSeconds = 0.04 };
        var asked = new GenZ(Shapes["llama3_8b"], s_tpu, new() { Compatible = false });
        (double operations, double bytes, double memory) = asked.Requirement(use);
        Device device = new("required")
        {
            MemoryBytes = memory * 1.01,
            MemoryBytesPerSecond = bytes,
            OnChipBytesPerSecond = 1e15,
            OperationsPerSecond = new Dictionary<string, double> { [Device.F16] = operations },
        };
        var met = new GenZ(Shapes["llama3_8b"], device, new() { Compatible = false });
        Assert.InRange(met.Decode(1, use.Prompt, use.Generated).Seconds, 0.95 * use.TokenSeconds, 1.05 * use.TokenSeconds);
        Assert.InRange(met.Prefill(1, use.Prompt).Seconds, use.FirstTokenSeconds, 1.5 * use.FirstTokenSeconds);
    }

    [Fact]
    public void What_does_not_fit_is_refused_or_comes_from_outside()
    {
        Device device = Devices.Named("TPUv5e");
        Assert.Throws<CapacityException>(() => new GenZ(Shapes["llama2_70b"], device).Decode(1, 1024, 32));
        GenZResult slow = new GenZ(Shapes["llama2_70b"], device, new() { Offloads = true }).Decode(1, 1024, 32);
        Assert.True(slow.Offloads);
        Assert.InRange(slow.Seconds, 120e9 / 140e9, 2);   // all but 16 GB over 128 GiB/s
    }

    [Fact]
    public void A_step_of_parts_and_tokens_costs_less_than_each_alone()
    {
        var platform = new GenZ(Shapes["llama3_8b"], Devices.Named("H100_GPU"));
        double both = platform.Chunked([(1024, 256)], [512, 600]).Seconds;
        double alone = platform.Chunked([(1024, 256)], []).Seconds + platform.Chunked([], [512, 600]).Seconds;
        Assert.InRange(both, platform.Chunked([(1024, 256)], []).Seconds, alone);
    }

    [Fact]
    public void Drafting_pays_where_the_draft_is_small_and_right()
    {
        Device device = Devices.Named("H100_GPU");
        var large = new GenZ(Shapes["llama3_8b"], device, new() { Compatible = false });
        var small = new GenZ(Shapes["gpt-2"], device, new() { Compatible = false });
        Assert.True(large.Speculate(small, 1, (512, 64), 4, 0.9).PerSecond > 2 * large.Decode(1, 512, 64).PerSecond);
        Assert.True(large.Speculate(small, 1, (512, 64), 4, 0).PerSecond < large.Decode(1, 512, 64).PerSecond);
    }

    [Fact]
    public void A_state_space_has_no_scores_and_stages_pass_their_tokens_on()
    {
        TransformerShape mamba = new("mamba-130m", 768, 24, 1, 1, 1536, 50280) { StateSpace = (16, 4, 2, 48) };
        GenZResult result = new GenZ(mamba, Devices.Named("A100_40GB_GPU"), new() { Pipeline = 2, Tensor = 2 }).Prefill(4, 512);
        Assert.DoesNotContain(result.Times, time => time.Operation.Kernel == Operation.Attention);
        Assert.Contains(result.Times, time => time.Operation.Name == "Message Pass");
        Assert.Contains(result.Times, time => time.Operation.Name == "Mamba AR");
    }

    [Fact]
    public void Energy_is_between_idle_and_full_load()
    {
        GenZResult result = new GenZ(Shapes["llama2_7b"], Devices.Named("H100_GPU") with { Watts = 700 }).Decode(1, 1024, 32);
        Assert.InRange(result.Joules, 0.3 * 700 * result.Seconds, 700 * result.Seconds);
    }

    private static readonly Device s_tpu = new("TPU")
    {
        MemoryBytes = 150e9,
        MemoryBytesPerSecond = 1200e9,
        OnChipBytesPerSecond = 18_000e9,
        LinkBytesPerSecond = 150e9,
        LinkSeconds = 1e-6,
        OperationsPerSecond = new Dictionary<string, double> { [Device.F16] = 300e12 },
    };

    private static void Check(string[] names, string[] row, OperationTime time)
    {
        double seconds = time.Seconds, operations = time.Operation.Operations;
        const double mebi = 1 << 20, clock = 940e6;
        Near("Latency (msec)", seconds * 1e3);
        Near("Compute time (msec)", time.ComputeSeconds * 1e3);
        Near("Memory time (msec)", time.MemorySeconds * 1e3);
        Near("Communication time (msec)", time.MessageSeconds * 1e3);
        Near("Cycles", seconds * clock);
        Near("C/M ratio", time.MemorySeconds > 0 ? time.ComputeSeconds / time.MemorySeconds : 0);
        Near("Op Intensity", time.Intensity);
        Near("Num ops (MFLOP)", operations / 1e6);
        Near("Input_a (MB)", time.Operation.ReadBytes / mebi);
        Near("Input_w (MB)", (time.Operation.WeightBytes + time.Operation.CacheReadBytes) / mebi);
        Near("Output (MB)", time.Operation.WrittenBytes / mebi);
        Near("Total Data (MB)", time.Operation.Bytes / mebi);
        Near("Throughput (Tflops)", seconds > 0 ? operations / seconds / 1e12 : 0);
        Assert.Equal(row[Array.IndexOf(names, "Bound")], time.Bound switch { "compute" => "Compute", "memory" => "Memory", _ => "Collective" });

        void Near(string field, double got)
        {
            double wanted = double.Parse(row[Array.IndexOf(names, field)], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(got - wanted) <= Tolerance * Math.Abs(wanted), $"{field} of {time.Operation.Name} is {got}, expected {wanted}");
        }
    }

    /// <summary>The cells of a table, whose second column stands in quotes.</summary>
    private static IEnumerable<string[]> Rows(string file)
    {
        foreach (string line in File.ReadLines(Golden.Path("analyze/" + file)))
        {
            string[] parts = line.Split('"');
            yield return parts.Length == 1 ? line.Split(',') : [parts[0].TrimEnd(','), parts[1], .. parts[2].TrimStart(',').Split(',')];
        }
    }
}
