using System.Text.Json;
using Thimble.Lab.Analyze;
using Thimble.Planning;
using Thimble.Tests.Library.Planning;

namespace Thimble.Tests.Lab.Analyze;

public sealed class AnalysisTests : IDisposable
{
    private const string Llama = """
        { "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
          "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 500000 }
        """;

    private readonly string _config = Path.Combine(Path.GetTempPath(), $"thimble-config-{Guid.NewGuid():N}.json");

    [Fact]
    public void A_config_alone_is_enough()
    {
        File.WriteAllText(_config, Llama);
        var analysis = Analysis.Of(_config, new() { Device = Devices.Named("raspberry_pi_5"), Format = "Q4_0", Settings = new() { Length = 512, Flash = true } });
        Assert.Equal(8.03e9 * 4.5 / 8, analysis.Decode.WeightMemory, 0.05e9);
        Assert.Equal(32 * 8 * 128 * 2 * 2 * 512, analysis.Prefill.CacheMemory, 1);
        Assert.Equal("memory", analysis.Decode.Bound);
        Assert.InRange(analysis.Decode.TokensPerSecond, 3, 4);   // 17.1 GB/s over 4.5 GB
        Assert.Contains(analysis.Decode.Parts, part => part is { Name: "attn_q", Layers: 32 });
    }

    [Fact]
    public void A_model_is_timed_on_the_measured_machine()
    {
        var analysis = Analysis.Of(null, new() { Machine = MachineTests.Made, Threads = 1, Settings = new() { Length = 64 } });
        Assert.Equal(analysis.Decode.Seconds, analysis.Decode.Parts.Sum(part => part.Seconds), 9);
        Assert.True(analysis.Prefill.TokensPerSecond > analysis.Decode.TokensPerSecond);
        Assert.True(analysis.Batches[^1].DecodePerSecond > analysis.Batches[0].DecodePerSecond);
    }

    [Fact]
    public void Another_format_changes_the_weights_alone()
    {
        AnalysisOptions options = new() { Device = Devices.Named("raspberry_pi_4"), Settings = new() { Length = 64 } };
        Analysis large = Analysis.Of(null, options with { Format = "F16" }), small = Analysis.Of(null, options with { Format = "Q4_0" });
        Assert.True(large.Decode.WeightMemory > 2.5 * small.Decode.WeightMemory);
        Assert.Equal(large.Decode.CacheMemory, small.Decode.CacheMemory);
        Assert.Equal(large.Decode.Operations, small.Decode.Operations);
    }

    [Fact]
    public void The_page_holds_numbers_charts_and_licence_and_asks_for_nothing()
    {
        string page = Analysis.Of(null, new() { Device = Devices.Named("raspberry_pi_5") }).ToHtml();
        Assert.Contains("uPlot", page, StringComparison.Ordinal);
        Assert.Contains("Leon Sorokin", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"http", page, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_one_object_for_programs()
    {
        using var json = JsonDocument.Parse(Analysis.Of(null, new() { Device = Devices.Named("nvidia_A6000"), Compatible = true }).ToJson());
        Assert.Equal("nvidia_A6000", json.RootElement.GetProperty("target").GetString());
        Assert.Contains(json.RootElement.GetProperty("decode").GetProperty("parts").EnumerateArray(), part => part.GetProperty("name").GetString() == "qk_matmul");
    }

    [Fact]
    public void Without_a_machine_it_asks_for_one() => Assert.Throws<ArgumentException>(() => Analysis.Of(null, new()));

    public void Dispose() => File.Delete(_config);
}
