using Thimble.Sampling;

namespace Thimble;

/// <summary>A temperature that follows the model's doubt: <c>low + (high − low) · (entropy / greatest entropy)^Exponent</c>, with low and high
/// <see cref="Range"/> below and above <see cref="SamplingOptions.Temperature"/>.</summary>
/// <remarks>Source: kalomaze, "Dynamic temperature", koboldcpp and llama.cpp pull request 4972, 2024.</remarks>
public sealed record DynamicTemperatureOptions
{
    /// <summary>How far the temperature may go either way: 0 or more, 0 keeps it fixed. Default 0.5; llama.cpp has it off.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public float Range { get; init => field = OptionRange.AtLeast(value, 0, nameof(Range)); } = 0.5f;

    /// <summary>Bends the way from doubt to temperature: 0 or more, 1 is straight. Default 1 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public float Exponent { get; init => field = OptionRange.AtLeast(value, 0, nameof(Exponent)); } = 1;
}
