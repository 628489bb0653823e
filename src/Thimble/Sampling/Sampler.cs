using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Thimble.Sampling;

/// <summary>Chooses the tokens of one running generation: a chain of steps over the logits, then a draw.</summary>
/// <remarks>Choosing changes nothing: only <see cref="Accept"/> moves on, so a choice can be repeated, or another token taken instead.
/// Nothing is allocated for a token after the first.</remarks>
internal sealed class Sampler
{
    private readonly ISamplerStep[] _steps;
    private readonly LogitBias _bias;
    private readonly Mirostat? _mirostat;
    private readonly bool _isGreedy;
    private readonly TokenHistory _history;
    private readonly Candidates _candidates;
    private (int Token, double Probability) _chosen = (-1, 0);

    /// <summary>A sampler at the start of its text.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="vocabulary">Tokens in the vocabulary, above 0.</param>
    /// <param name="breakers">DRY's breakers as tokens of this vocabulary; null for none.</param>
    /// <param name="context">Tokens for which the history has room at once; it grows beyond.</param>
    /// <param name="candidates">Buffers shared with samplers that take turns with this one; null for its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary is empty, or a bias is for a token outside it.</exception>
    public Sampler(SamplingOptions options, int vocabulary, DryBreakers? breakers = null, int context = 4096, Candidates? candidates = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        (Vocabulary, _isGreedy) = (vocabulary, options.IsGreedy);
        Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _steps = SamplerSteps.Open(options, breakers ?? DryBreakers.None);
        _bias = new(options.LogitBias, vocabulary);
        _mirostat = _isGreedy || options.Mirostat is null ? null : new(options.Mirostat);
        _history = new(context);
        _candidates = candidates ?? new();
    }

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; }

    /// <summary>Names the random sequence; the one given, or the one taken from the system's entropy.</summary>
    public ulong Seed { get; }

    /// <summary>How many tokens were generated.</summary>
    public long Generated { get; private set; }

    /// <summary>Shows the sampler tokens it did not choose, such as the prompt's: penalties see them, draws are not counted.</summary>
    public void Observe(ReadOnlySpan<int> tokens) => _history.Add(tokens);

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">What the model computed, shape [<see cref="Vocabulary"/>]; −∞ for a token that cannot come.</param>
    /// <param name="mask">Tokens that may come; null for all.</param>
    /// <returns>The token's id; the same until <see cref="Accept"/> is called.</returns>
    /// <exception cref="ArgumentException">Logits or mask are not of this vocabulary.</exception>
    /// <exception cref="InvalidDataException">A logit is NaN or +∞, or no token is left to choose from.</exception>
    public int Next(ReadOnlySpan<float> logits, TokenMask? mask = null)
    {
        if (_isGreedy && _steps.Length == 0 && _bias.IsEmpty && mask is null)
            return Greatest(logits);

        Candidates candidates = Shape(logits, mask);
        (int at, double probability) = _isGreedy ? (candidates.Best(), 1) : Draw(candidates);
        _chosen = (candidates.Id(at), probability);
        return _chosen.Token;
    }

    /// <summary>The candidates left after all steps, from which <see cref="Next"/> draws.</summary>
    /// <param name="logits">As in <see cref="Next"/>.</param>
    /// <param name="mask">As in <see cref="Next"/>.</param>
    /// <returns>A list that the next call fills anew; <c>softmax(Logits)</c> is the distribution, unless decoding is greedy.</returns>
    /// <exception cref="ArgumentException">Logits or mask are not of this vocabulary.</exception>
    /// <exception cref="InvalidDataException">A logit is NaN or +∞, or no token is left to choose from.</exception>
    public Candidates Shape(ReadOnlySpan<float> logits, TokenMask? mask = null)
    {
        Greatest(logits);
        if (mask is not null && mask.Vocabulary != Vocabulary)
            throw new ArgumentException($"The mask is for {mask.Vocabulary} tokens; expected {Vocabulary}.", nameof(mask));

        _candidates.Load(logits, mask);
        _bias.Apply(_candidates);
        _candidates.KeepFrom(float.MinValue);   // −∞ is no candidate; from here on all logits are finite
        if (_candidates.Count == 0)
            throw new InvalidDataException($"No token is left to choose from at generated position {Generated}: mask and bias exclude every token the model gives a chance. Allow more tokens.");

        SamplingPoint point = new(_history.Tokens, Seed, Generated);
        foreach (ISamplerStep step in _steps)
            step.Apply(_candidates, in point);
        _mirostat?.Apply(_candidates, in point);
        return _candidates;
    }

    /// <summary>Moves on: this token is the next of the text, whether it was chosen here or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is not of this vocabulary.</exception>
    public void Accept(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Vocabulary);
        if (token == _chosen.Token)
            _mirostat?.Learn(_chosen.Probability);

        _chosen = (-1, 0);
        _history.Add(token);
        Generated++;
    }

    /// <summary>A random number of the next token's position, for a purpose other than choosing it.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="number">Which of the purpose's numbers, where it needs several.</param>
    public double Uniform(DrawPurpose purpose, int number = 0) => Philox.Uniform(Seed, Generated, purpose, number);

    /// <summary>Whether the likeliest token is always chosen.</summary>
    public bool IsGreedy => _isGreedy;

    /// <summary>The state now.</summary>
    public SamplerSnapshot Snapshot() => new(_history.Length, _history.Fingerprint(_history.Length), Generated, _mirostat?.Mu ?? 0);

    /// <summary>Goes back to a state of this text.</summary>
    /// <exception cref="ArgumentException">The snapshot is of another text: the tokens it was taken after are no longer those seen.</exception>
    public void Restore(SamplerSnapshot snapshot)
    {
        if (snapshot.Length > _history.Length || snapshot.Fingerprint != _history.Fingerprint(snapshot.Length))
            throw new ArgumentException($"The snapshot was taken after {snapshot.Length} tokens of another text; this sampler has seen {_history.Length}. Restore only to states of the same text.", nameof(snapshot));

        _history.CutTo(snapshot.Length);
        (Generated, _chosen) = (snapshot.Generated, (-1, 0));
        _mirostat?.Mu = snapshot.Mu;
    }

    private (int At, double Probability) Draw(Candidates candidates)
    {
        double logSum = candidates.LogSum(), left = Uniform(DrawPurpose.Token);
        int at = candidates.Best();   // where rounding leaves the sum below 1, the remainder goes to the likeliest
        double probability = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            probability = Exponentials.Exp(candidates.Logits[i] - logSum);
            left -= probability;
            if (left < 0)
                return (i, probability);
        }

        return (at, Exponentials.Exp(candidates.Logits[at] - logSum));
    }

    /// <summary>The token with the greatest logit, after looking at every one of them.</summary>
    private int Greatest(ReadOnlySpan<float> logits)
    {
        if (logits.Length != Vocabulary)
            throw new ArgumentException($"There are {logits.Length} logits; a vocabulary of {Vocabulary} tokens takes {Vocabulary}.", nameof(logits));

        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] <= float.MaxValue))
                Refuse(i, logits[i]);
            if (logits[i] > logits[best])
                best = i;
        }

        return float.IsFinite(logits[best]) ? best : Refuse(best, logits[best]);
    }

    [DoesNotReturn]
    private int Refuse(int token, float logit) => throw new InvalidDataException(float.IsNegativeInfinity(logit)
        ? $"All {Vocabulary} logits at generated position {Generated} are −∞; expected at least one finite. The model's weights are damaged, or its prompt is not one it can go on from."
        : $"The logit of token {token} at generated position {Generated} is {logit}; expected a finite number or −∞. The model's weights are damaged, or its format overflows: try the file in another format.");
}
