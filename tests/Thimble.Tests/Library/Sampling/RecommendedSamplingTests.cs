using System.Text.Json;
using Microsoft.Extensions.AI;
using Thimble.Cli.Options;
using Thimble.Models.Files;
using Thimble.Sampling;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Tests.Library.Sampling;

/// <summary>How a model's makers would have it sampled: read from its file, and used where nobody says otherwise.</summary>
public class RecommendedSamplingTests
{
    [Fact]
    public void A_file_that_says_nothing_leaves_llama_cpps_defaults()
    {
        SamplingOptions sampling = Read();
        Assert.Equal((0.8f, 40, 0.95f, 0.05f, 1f, 64), (sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP, sampling.RepetitionPenalty, sampling.PenaltyWindow));
        Assert.Null(sampling.Xtc);
        Assert.Null(sampling.Mirostat);
    }

    [Fact]
    public void Every_key_is_read()
    {
        SamplingOptions sampling = Read(
            ("temp", 0.6), ("top_k", 20L), ("top_p", 0.9), ("min_p", 0.01), ("penalty_repeat", 1.05), ("penalty_last_n", -1L), ("xtc_probability", 0.5),
            ("xtc_threshold", 0.2), ("mirostat", 2L), ("mirostat_tau", 4.0), ("mirostat_eta", 0.2), ("sequence", "top_k;temperature"));
        Assert.Equal((0.6f, 20, 0.9f, 0.01f, 1.05f, int.MaxValue), (sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP, sampling.RepetitionPenalty, sampling.PenaltyWindow));
        Assert.Equal((0.5f, 0.2f, 4f, 0.2f), (sampling.Xtc!.Probability, sampling.Xtc.Threshold, sampling.Mirostat!.Tau, sampling.Mirostat.Eta));
        Assert.Equal(["top_k", "temperature"], sampling.Order);
    }

    [Theory]
    [InlineData(0L, 0)]
    [InlineData(-1L, 0)]
    [InlineData(50.0, 50)]
    public void Numbers_may_be_whole_or_not_and_none_means_all(object written, int topK) => Assert.Equal(topK, Read(("top_k", written)).TopK);

    [Theory]
    [InlineData("temp", -0.1)]
    [InlineData("temp", double.NaN)]
    [InlineData("temp", 1e9)]
    [InlineData("top_k", -2L)]
    [InlineData("top_k", 2.5)]
    [InlineData("top_p", 1.5)]
    [InlineData("min_p", -1L)]
    [InlineData("penalty_repeat", 0L)]
    [InlineData("penalty_last_n", -2L)]
    [InlineData("xtc_probability", 2L)]
    [InlineData("mirostat", 1L)]
    [InlineData("sequence", "top_k;frob")]
    [InlineData("sequence", "top_k;top_k")]
    [InlineData("temp", "warm")]
    public void An_absurd_value_is_refused_by_name(string key, object value) =>
        Assert.Contains($"general.sampling.{key}", Assert.Throws<InvalidDataException>(() => Read((key, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_set_by_hand_wins_and_the_rest_is_the_models()
    {
        SamplingOptions model = Read(("temp", 0.6), ("top_k", 20L), ("top_p", 0.9), ("xtc_probability", 0.5)), asked = new() { Temperature = 0.8f, Xtc = null };
        SamplingOptions used = (asked with { Seed = 7 }).Over(model);
        Assert.Equal((0.8f, 20, 0.9f, 7ul), (used.Temperature, used.TopK, used.TopP, used.Seed));   // 0.8, though that is the default
        Assert.Null(used.Xtc);
    }

    [Fact]
    public void Greedy_stays_greedy_and_a_model_may_be()
    {
        SamplingOptions model = Read(("temp", 0L), ("penalty_repeat", 1.3));
        Assert.True(new SamplingOptions().Over(model).IsGreedy);
        Assert.False(new SamplingOptions { Temperature = 1 }.Over(model).IsGreedy);
        Assert.Equal(1, SamplingOptions.Greedy.Over(model).RepetitionPenalty);
    }

    [Fact]
    public async Task A_generation_takes_the_models_where_its_options_are_silent()
    {
        using Model model = Stories(("general.sampling.temp", 0L), ("general.sampling.top_k", 3L));
        await using Generation own = model.Generate("Once", new() { MaxTokens = 4 }), asked = model.Generate("Once", new() { MaxTokens = 4, Sampling = new() { Temperature = 1 } });
        Assert.True(own.Options.Sampling.IsGreedy);
        Assert.Equal((1f, 3), (asked.Options.Sampling.Temperature, asked.Options.Sampling.TopK));
        Assert.Equal(0, model.DefaultSampling.Temperature);
    }

    [Fact]
    public void A_chat_takes_the_models_where_its_options_are_silent()
    {
        SamplingOptions model = Read(("temp", 0.6), ("top_k", 20L), ("top_p", 0.9));
        SamplingOptions none = ChatPrompt.Options(null).Sampling.Over(model), some = ChatPrompt.Options(new ChatOptions { TopP = 0.95f, TopK = 0 }).Sampling.Over(model);
        Assert.Equal((0.6f, 20, 0.9f), (none.Temperature, none.TopK, none.TopP));
        Assert.Equal((0.6f, 0, 0.95f), (some.Temperature, some.TopK, some.TopP));
    }

    [Fact]
    public void A_flag_of_the_command_line_wins_and_the_rest_is_the_models()
    {
        SamplingOptions model = Read(("temp", 0.6), ("top_k", 20L));
        RunSettings settings = Parameters.All.Single(parameter => parameter.Name == "temperature").Apply(new(), ["0.8"], "--temp");
        SamplingOptions used = settings.Generation.Sampling.Over(model);
        Assert.Equal((0.8f, 20), (used.Temperature, used.TopK));
    }

    [Fact]
    public void A_request_s_fields_win_and_the_rest_is_the_models()
    {
        SamplingOptions model = Read(("temp", 0.6), ("top_k", 20L), ("penalty_repeat", 1.2), ("xtc_probability", 0.5), ("mirostat", 2L));
        SamplingOptions used = Asked("""{"top_k": -1, "repeat_penalty": 1, "mirostat": 0}""").Over(model), none = Asked("{}").Over(model);
        Assert.Equal((0.6f, 0, 1f, 0.5f), (used.Temperature, used.TopK, used.RepetitionPenalty, used.Xtc!.Probability));
        Assert.Null(used.Mirostat);
        Assert.Equal((0.6f, 20, 1.2f), (none.Temperature, none.TopK, none.RepetitionPenalty));
        Assert.NotNull(none.Mirostat);
    }

    [Fact]
    public void An_absurd_value_keeps_a_model_from_opening() =>
        Assert.Contains("general.sampling.top_p", Assert.Throws<InvalidDataException>(() => Stories(("general.sampling.top_p", -3.0))).Message, StringComparison.Ordinal);

    private static SamplingOptions Asked(string json)
    {
        using var document = JsonDocument.Parse(json);
        return SamplingFields.Read(new Field(document.RootElement, ""), new());
    }

    private static SamplingOptions Read(params (string Key, object Value)[] keys)
    {
        var metadata = new Metadata();
        foreach ((string key, object value) in keys)
            metadata.Add("general.sampling." + key, value);
        using var file = new ModelFile("tiny.gguf", metadata, []);
        return RecommendedSampling.Read(file);
    }

    private static Model Stories(params (string Key, object Value)[] keys)
    {
        var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        foreach ((string key, object value) in keys)
            file.Metadata.Set(key, value);
        return Model.Open(file, new() { Threads = 1 });
    }
}
