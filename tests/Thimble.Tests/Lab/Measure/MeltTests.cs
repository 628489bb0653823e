using System.Text.Json;
using Thimble.Lab.Evaluate;
using Thimble.Lab.Measure;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Measure;

public class MeltTests
{
    private static readonly EvaluatedModel s_model = new("m", "llama", "Q4_0", 4.5, 1000, 600);

    [Fact]
    public async Task Each_configuration_is_run_by_a_process_of_its_own()
    {
        List<(int? Threads, double Sustained)> started = [];
        MeltOptions options = new() { Models = ["default", "x.gguf"], Threads = [1, 2], Conversations = [["Hello."]], Repeats = 2, Sustained = TimeSpan.FromSeconds(5) };
        MeltResult result = await Melt.RunAsync(options, (task, _) =>
        {
            MeltTask read = JsonSerializer.Deserialize(task, MeltJson.Default.MeltTask)!;
            started.Add((read.Threads, read.SustainedSeconds));
            return Task.FromResult(JsonSerializer.Serialize(Record(100 + started.Count), MeltJson.Default.MeltRecord));
        });
        Assert.Equal([(1, 5), (1, 0), (2, 5), (2, 0), (1, 5), (1, 0), (2, 5), (2, 0)], started.Select(one => (one.Threads ?? -1, (int)one.Sustained)));
        Assert.Equal(4, result.Runs.Count);
        Assert.All(result.Runs, run => Assert.Null(run.JoulesPerToken));
    }

    [Fact]
    public void Joined_records_give_the_figures_known_by_hand()
    {
        var run = Melt.Of([Record(100), Record(50)]);
        // Decoding 11 tokens in 100 and 50 ms: 100 and 200 tokens a second.
        Assert.Equal(150, run.Decode!.Median, 1e-9);
        Assert.Equal(Math.Sqrt(5000) / 150, run.RerunVariation, 1e-9);
        Assert.Equal((0.75, 0.8), (run.MatMulShare, Math.Round(run.TracedShare!.Value, 9)));
        Assert.Equal(150 * 600, run.DecodeBytesPerSecond!.Value, 1e-6);
    }

    [Fact]
    public void A_run_that_slows_by_a_tenth_a_minute_says_so()
    {
        SustainedPoint[] points = [.. Enumerable.Range(0, 11).Select(i => new SustainedPoint(i * 30, 20 * (1 - (0.1 * i * 0.5))))];
        Assert.Equal(0.1, Melt.Decay(points)!.Value, 1e-9);
        Assert.Null(Melt.Decay(points[..2]));
        Assert.Null(Melt.Decay([new(0, 20), new(1, 10), new(2, 20)]));   // two seconds say nothing of a minute
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_worker_answers_conversations_and_times_operations()
    {
        var task = new MeltTask(null, 1, [["Once upon a time", "And then?"], [new string('x', 4000)]], 12, 0.05, 6, 0);
        MeltRecord record = JsonSerializer.Deserialize(await MeltWorker.RunAsync(JsonSerializer.Serialize(task, MeltJson.Default.MeltTask)), MeltJson.Default.MeltRecord)!;
        Assert.Equal([(0, 0), (0, 1)], record.Turns.Select(turn => (turn.Conversation, turn.Turn)));
        Assert.Equal(1, record.Cut);
        Assert.Contains(record.Operations, operation => operation is { Kind: "MatMul", Name: "blk.0.attn_output.weight", Count: 6 });
        double own = record.Operations.Sum(operation => operation.Milliseconds);
        Assert.InRange(own / record.TracedMs, 0.5, 1.0);   // 0.95 where nothing else takes the processor
        Assert.True(record.PeakBytes > 1 << 20 && record.ReadBytesPerSecond > 1e6, "memory and its speed are measured");
    }

    [Fact]
    public void The_page_needs_nothing_else_and_says_what_was_not_measured()
    {
        string html = MeltReport.Html(new([Melt.Of([Record(100)])]));
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.Contains("not measured", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_meter_is_found_where_the_system_shows_one()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(EnergyMeter.Find(folder.Path));
        string rapl = Directory.CreateDirectory(folder["class/powercap/intel-rapl:0"]).FullName;
        File.WriteAllText(Path.Combine(rapl, "max_energy_range_uj"), "10000000\n");
        File.WriteAllText(Path.Combine(rapl, "energy_uj"), "9000000\n");
        EnergyMeter meter = EnergyMeter.Find(folder.Path)!;
        double before = meter.Read();
        File.WriteAllText(Path.Combine(rapl, "energy_uj"), "2000000\n");   // begun anew
        Assert.Equal(("RAPL", 3), (meter.Name, Math.Round(meter.Read() - before, 9)));
    }

    [Fact]
    public void What_llama_bench_writes_is_read()
    {
        const string Text = """[{"n_prompt": 128, "n_gen": 0, "samples_ts": [250.0, 260.0]}, {"n_prompt": 0, "n_gen": 64, "samples_ts": [70.0, 72.0, 74.0]}]""";
        var run = LlamaBench.Parse(Text, "llama-bench", Melt.Of([Record(100)]));
        Assert.Equal(("llama.cpp", 72, 255), (run.Engine, run.Decode!.Median, run.Prefill!.Median));
        Assert.Throws<InvalidDataException>(() => LlamaBench.Parse("[{}]", "llama-bench", run));
    }

    private static MeltRecord Record(double decodeMs) => new(
        s_model, 1, 5, 1 << 20, 1e6, [new(0, 0, 10, 11, 12, 10, decodeMs, 600)], 0, [],
        [new("MatMul", "a", 1, 4, 4, 2, 6, 64), new("Norm", "b", 1, 4, 4, 2, 2, 0)], 10, null);
}
