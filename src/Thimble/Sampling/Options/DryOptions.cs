using Thimble.Sampling;

namespace Thimble;

/// <summary>The DRY penalty ("don't repeat yourself"): a token that would lengthen a repetition loses <c>Multiplier · Base^(length − AllowedLength)</c>.</summary>
/// <remarks>Source: p-e-w, "DRY: A modern repetition penalty that reliably prevents looping", text-generation-webui pull request 5677, 2024;
/// the treatment of breakers and of the window is llama.cpp's.</remarks>
public sealed record DryOptions
{
    /// <summary>Scale of the penalty, in logits: 0 or more, 0 turns it off. Default 0.8, as the author advises.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public float Multiplier { get; init => field = OptionRange.AtLeast(value, 0, nameof(Multiplier)); } = 0.8f;

    /// <summary>How much each further repeated token multiplies the penalty: 1 or more. Default 1.75 (author and llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or not finite.</exception>
    public float Base { get; init => field = OptionRange.AtLeast(value, 1, nameof(Base)); } = 1.75f;

    /// <summary>Repetitions shorter than this go free, in tokens: 1 or more. Default 2 (author and llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int AllowedLength { get; init => field = OptionRange.AtLeast(value, 1, nameof(AllowedLength)); } = 2;

    /// <summary>How many of the latest tokens are searched: 1 or more; null searches all. Default null (llama.cpp: −1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Window { get; init => field = value is { } window ? OptionRange.AtLeast(window, 1, nameof(Window)) : null; }

    /// <summary>Texts over which no repetition is counted. Default line feed, colon, quotation mark, asterisk (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is empty.</exception>
    public IReadOnlyList<string> SequenceBreakers { get; init => field = Checked(value); } = s_breakers;

    private static readonly string[] s_breakers = ["\n", ":", "\"", "*"];

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> breakers)
    {
        ArgumentNullException.ThrowIfNull(breakers, nameof(SequenceBreakers));
        for (int i = 0; i < breakers.Count; i++)
        {
            if (string.IsNullOrEmpty(breakers[i]))
                throw OptionRange.Refused(breakers[i], nameof(SequenceBreakers), $"SequenceBreakers[{i}] is empty; expected a text of at least one character.");
        }

        return [.. breakers];
    }
}
