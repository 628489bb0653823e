using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SamplingOptionsTests
{
    public static TheoryData<string, Func<object>> Refused => new()
    {
        { "Temperature", () => new SamplingOptions { Temperature = -0.1f } },
        { "Temperature", () => new SamplingOptions { Temperature = float.NaN } },
        { "TopK", () => new SamplingOptions { TopK = -1 } },
        { "TopP", () => new SamplingOptions { TopP = 1.01f } },
        { "MinP", () => new SamplingOptions { MinP = float.NaN } },
        { "TypicalP", () => new SamplingOptions { TypicalP = -0.5f } },
        { "TopNSigma", () => new SamplingOptions { TopNSigma = -1 } },
        { "RepetitionPenalty", () => new SamplingOptions { RepetitionPenalty = 0 } },
        { "FrequencyPenalty", () => new SamplingOptions { FrequencyPenalty = float.PositiveInfinity } },
        { "PresencePenalty", () => new SamplingOptions { PresencePenalty = float.NaN } },
        { "PenaltyWindow", () => new SamplingOptions { PenaltyWindow = -1 } },
        { "LogitBias", () => new SamplingOptions { LogitBias = new Dictionary<int, float> { [-1] = 0 } } },
        { "LogitBias", () => new SamplingOptions { LogitBias = new Dictionary<int, float> { [1] = float.NaN } } },
        { "Order", () => new SamplingOptions { Order = ["top_k", "top_q"] } },
        { "Order", () => new SamplingOptions { Order = ["top_k", "top_k"] } },
        { "Multiplier", () => new DryOptions { Multiplier = -1 } },
        { "Base", () => new DryOptions { Base = 0.9f } },
        { "AllowedLength", () => new DryOptions { AllowedLength = 0 } },
        { "Window", () => new DryOptions { Window = 0 } },
        { "SequenceBreakers", () => new DryOptions { SequenceBreakers = ["\n", ""] } },
        { "Probability", () => new XtcOptions { Probability = 1.5f } },
        { "Threshold", () => new XtcOptions { Threshold = -0.1f } },
        { "Tau", () => new MirostatOptions { Tau = 0 } },
        { "Eta", () => new MirostatOptions { Eta = float.NaN } },
        { "Range", () => new DynamicTemperatureOptions { Range = -1 } },
        { "Exponent", () => new DynamicTemperatureOptions { Exponent = -1 } },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_value_out_of_range_names_its_property(string property, Func<object> make)
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(make);
        Assert.Equal(property, e.ParamName);
        Assert.StartsWith(property, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_step_lists_the_known_ones()
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { Order = ["top_q"] });
        Assert.Contains("known: dry, min_p, penalties, temperature, top_k, top_n_sigma, top_p, typ_p, xtc", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_those_of_llama_cpp()
    {
        SamplingOptions options = new();
        Assert.Equal((0.8f, 40, 0.95f, 0.05f), (options.Temperature, options.TopK, options.TopP, options.MinP));
        Assert.Equal((1f, 0f, 0f, 64), (options.RepetitionPenalty, options.FrequencyPenalty, options.PresencePenalty, options.PenaltyWindow));
        Assert.Equal(["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"], options.Order);
        Assert.Equal(new SamplingOptions(), options);
    }

    [Fact]
    public void Greedy_is_greedy() => Assert.Equal(0, SamplingOptions.Greedy.Temperature);

    [Fact]
    public void Later_changes_to_what_was_given_do_not_reach_the_options()
    {
        Dictionary<int, float> biases = new() { [1] = 2 };
        List<string> order = ["top_k"];
        SamplingOptions options = new() { LogitBias = biases, Order = order };
        biases[1] = float.NaN;
        order[0] = "nonsense";
        Assert.Equal(2, options.LogitBias[1]);
        Assert.Equal(["top_k"], options.Order);
    }
}
