using System.Runtime.CompilerServices;
using Thimble.Compute;

namespace Thimble.Sampling;

/// <summary>Makes a token that would lengthen a repetition of n tokens less likely by <c>multiplier · base^(n − allowed)</c>.</summary>
/// <remarks>Source: p-e-w, "DRY: A modern repetition penalty that reliably prevents looping", text-generation-webui pull request 5677, 2024;
/// breakers as in llama.cpp. The repetitions of the end of the text are found in one pass, by the Z-algorithm on the text read backwards
/// (Gusfield, "Algorithms on Strings, Trees and Sequences", 1997, section 1.4).</remarks>
[Technique("DRY", "p-e-w, DRY: A modern repetition penalty that reliably prevents looping, text-generation-webui pull request 5677, 2024")]
internal sealed class Dry(DryOptions options, DryBreakers breakers) : ISamplerStep
{
    private readonly Dictionary<int, int> _longest = new(256);
    private int[] _repeats = new int[Math.Min(options.Window ?? 4096, 4096)];

    [ModuleInitializer]
    internal static void Register() => SamplerSteps.Add("dry", reweighs: true, (options, breakers) =>
        options.Dry is { Multiplier: > 0 } dry ? new Dry(dry, breakers) : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        ReadOnlySpan<int> tokens = point.Latest(options.Window ?? int.MaxValue);
        int limit = breakers.LengthAfter(tokens);
        if (tokens.Length <= options.AllowedLength || limit < options.AllowedLength)
            return;

        FindRepeats(tokens);
        _longest.Clear();
        for (int back = 1; back < tokens.Length; back++)
        {
            // The text's last `length` tokens also end `back` tokens ago; the token that came then would prolong them now.
            int length = Math.Min(_repeats[back], limit), next = tokens[^back];
            if (length >= options.AllowedLength && length > _longest.GetValueOrDefault(next) && !breakers.IsBreaker(next))
                _longest[next] = length;
        }

        Punish(candidates);
    }

    private void Punish(Candidates candidates)
    {
        foreach ((int token, int length) in _longest)
        {
            int at = candidates.IndexOf(token);
            if (at < 0)
                continue;

            double penalty = options.Multiplier * Exponentials.Power(options.Base, length - options.AllowedLength);
            candidates.Logits[at] = (float)Math.Max(candidates.Logits[at] - penalty, float.MinValue);
        }

        candidates.Reweighed();
    }

    /// <summary>For each way back, how many tokens before it equal the text's last ones: the Z-array of the text read backwards.</summary>
    private void FindRepeats(ReadOnlySpan<int> tokens)
    {
        if (_repeats.Length < tokens.Length)
            _repeats = new int[Math.Max(tokens.Length, _repeats.Length * 2)];

        int left = 0, right = 0;   // the match that reaches furthest back: [left, right)
        for (int back = 1; back < tokens.Length; back++)
        {
            int length = back < right ? Math.Min(right - back, _repeats[back - left]) : 0;
            while (back + length < tokens.Length && tokens[^(length + 1)] == tokens[^(back + length + 1)])
                length++;
            _repeats[back] = length;
            if (back + length > right)
                (left, right) = (back, back + length);
        }
    }
}
