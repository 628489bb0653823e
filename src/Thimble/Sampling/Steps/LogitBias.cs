namespace Thimble.Sampling;

/// <summary>Adds the user's bias to the logits of certain tokens, before every other step; a bias of −∞ leaves a token out.</summary>
internal sealed class LogitBias
{
    private readonly (int Id, float Bias)[] _biases;

    /// <summary>The biases of options for a vocabulary.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is for a token outside the vocabulary.</exception>
    public LogitBias(IReadOnlyDictionary<int, float> biases, int vocabulary)
    {
        foreach (int id in biases.Keys)
        {
            if (id >= vocabulary)
                throw OptionRange.Refused(id, nameof(SamplingOptions.LogitBias), $"LogitBias has the token id {id}; the vocabulary has {vocabulary}, so expected 0 to {vocabulary - 1}.");
        }

        _biases = [.. biases.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key)];
    }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _biases.Length == 0;

    /// <summary>Adds the biases.</summary>
    public void Apply(Candidates candidates)
    {
        foreach ((int id, float bias) in _biases)
        {
            int at = candidates.IndexOf(id);
            if (at >= 0)
                candidates.Logits[at] = MathF.Min(candidates.Logits[at] + bias, float.MaxValue);
        }
    }
}
