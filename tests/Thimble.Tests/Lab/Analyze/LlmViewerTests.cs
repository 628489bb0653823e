using System.Text.Json;
using Thimble.Lab.Analyze;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Planning;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Analyze;

public class LlmViewerTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-9;

    private static readonly (string Field, Func<ViewerStage, double> Of)[] s_fields =
    [
        ("OPs", stage => stage.Operations), ("memory_access", stage => stage.Bytes), ("inference_time", stage => stage.Seconds),
        ("load_weight", stage => stage.Sum(time => time.Operation.WeightBytes)), ("load_act", stage => stage.Sum(time => time.Operation.ReadBytes)),
        ("store_act", stage => stage.Sum(time => time.Operation.WrittenBytes)), ("load_kv_cache", stage => stage.Sum(time => time.Operation.CacheReadBytes)),
        ("store_kv_cache", stage => stage.Sum(time => time.Operation.CacheWrittenBytes)), ("memory_consumption", stage => stage.Memory),
        ("memory_consumption_tmp_act", stage => stage.ActivationMemory), ("memory_consumption_weight", stage => stage.WeightMemory),
        ("memory_consumption_kv_cache", stage => stage.CacheMemory),
    ];

    [SharedFact("data/expected/llmviewer_expected.json", cases: 448)]
    public void Every_row_of_the_published_tool_comes_out()
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Golden.Shared("data/expected/llmviewer_expected.json")));
        int rows = 0;
        foreach (JsonElement row in expected.RootElement.GetProperty("rows").EnumerateArray())
        {
            ViewerResult result = LlmViewer.Compatible(
                Shape(expected.RootElement.GetProperty("models"), row.GetProperty("model").GetString()!), Devices.Named(row.GetProperty("hw").GetString()!), Settings(row));
            Check(row.GetProperty("decode"), result.Decode, row);
            Check(row.GetProperty("prefill"), result.Prefill, row);
            rows++;
        }

        output.WriteLine($"{rows} rows, {2 * s_fields.Length} values each");
        Assert.True(rows >= 448);
    }

    [Fact]
    public void The_cards_numbers_come_out()
    {
        ViewerResult result = LlmViewer.Compatible(Llama2, Devices.Named("nvidia_A6000"), new() { Length = 2048 });
        Assert.Equal(1.416967e10, result.Decode.Operations, 1e5);
        Assert.Equal(18.6369e-3, result.Decode.Seconds, 1e-7);
        Assert.Equal(226.8786e-3, result.Prefill.Seconds, 1e-7);
        Assert.Equal((14.026, 14.804), (Math.Round(result.Decode.Memory / 1e9, 3), Math.Round(result.Prefill.Memory / 1e9, 3)));
        Assert.All(result.Decode.Times, time => Assert.Equal("memory", time.Bound));
    }

    [Fact]
    public void Generating_is_a_prompt_and_steps_of_rising_length()
    {
        Device device = Devices.Named("nvidia_H100");
        AnalysisSettings settings = new() { Length = 100 };
        double three = LlmViewer.GenerationSeconds(Llama2, device, settings, 3), prefill = LlmViewer.Compatible(Llama2, device, settings).Prefill.Seconds;
        double steps = Enumerable.Range(100, 3).Sum(length => LlmViewer.Compatible(Llama2, device, settings with { Length = length }).Decode.Seconds);
        Assert.Equal(prefill + steps, three, 12);
        Assert.InRange(LlmViewer.ChatSeconds(Llama2, device, settings, 3), prefill, 2 * three);
    }

    [Fact]
    public void Eight_bits_on_a_device_without_them_are_refused() =>
        Assert.Throws<NotSupportedException>(() => LlmViewer.Compatible(Llama2, Devices.Named("intel_13900k"), new() { WeightBits = 8, ActivationBits = 8, CacheBits = 8 }));

    [Fact]
    public void Corrected_differs_where_the_card_says()
    {
        using ModelFile file = DefaultModel.Open();
        Decoder decoder = Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new(Thimble.Compute.Memory.Precision.Bytes)));
        ViewerResult flash = LlmViewer.Corrected(decoder, Devices.Named("raspberry_pi_5"), new() { Length = 200, Flash = true });
        ViewerResult plain = LlmViewer.Corrected(decoder, Devices.Named("raspberry_pi_5"), new() { Length = 200 });
        Assert.True(flash.Prefill.Bytes < plain.Prefill.Bytes);
        Assert.Equal(flash.Prefill.Operations, plain.Prefill.Operations);
        OperationTime head = flash.Decode.Times[^1];
        Assert.Equal(2.0 * decoder.Head!.Output.Inputs * decoder.Head.Vocabulary, head.Operation.Operations);
        Assert.True(flash.Decode.WeightMemory >= decoder.Head.Output.Weights.Sum(weight => 2.0 * weight.Rows * weight.Columns));
    }

    internal static TransformerShape Llama2 { get; } = new("Llama-2-7b", 4096, 32, 32, 32, 11008, 32000);

    private static void Check(JsonElement expected, ViewerStage stage, JsonElement row)
    {
        foreach ((string field, Func<ViewerStage, double> of) in s_fields)
        {
            double wanted = expected.GetProperty(field).GetDouble(), got = of(stage);
            Assert.True(Math.Abs(got - wanted) <= Tolerance * Math.Abs(wanted), $"{field} is {got}, expected {wanted}, of {row}");
        }
    }

    private static AnalysisSettings Settings(JsonElement row) => new()
    {
        Batch = row.GetProperty("batch").GetInt32(),
        Length = row.GetProperty("seqlen").GetInt32(),
        WeightBits = row.GetProperty("w").GetDouble(),
        ActivationBits = row.GetProperty("a").GetDouble(),
        CacheBits = row.GetProperty("kv").GetDouble(),
        Flash = row.GetProperty("flash").GetBoolean(),
    };

    private static TransformerShape Shape(JsonElement models, string name)
    {
        JsonElement model = models.GetProperty(name);
        int heads = Number("num_attention_heads")!.Value;
        return new(
            name, Number("hidden_size")!.Value, Number("num_hidden_layers")!.Value, heads, Number("num_key_value_heads") ?? heads,
            Number("intermediate_size") ?? Number("ffn_dim")!.Value, Number("vocab_size")!.Value);

        int? Number(string field) => model.TryGetProperty(field, out JsonElement value) ? value.GetInt32() : null;
    }
}
