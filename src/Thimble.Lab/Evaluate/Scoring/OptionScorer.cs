using Thimble.Models.States;

namespace Thimble.Lab.Evaluate;

/// <summary>Scores the options of choices: <c>Σ ln p(token)</c> over each option's tokens, given its context.</summary>
/// <remarks>What options share is read once: the beginning that all questions of a suite have, then each question's context, and options of one token
/// each, as letters are, need no reading of their own. Options of many questions go through the model in one step.
/// Tokens are split where the context alone would end, as lm-evaluation-harness does it.</remarks>
/// <param name="scorer">The model.</param>
internal sealed class OptionScorer(Scorer scorer) : IDisposable
{
    private const int WorthSharing = 8;   // tokens of a common beginning from which on it is kept

    private SequenceState? _trunk;
    private int[] _trunkTokens = [];

    /// <summary>Scores choices.</summary>
    /// <param name="choices">The choices of one batch.</param>
    /// <returns>The answers, in their order; those that do not fit the context have a fault.</returns>
    public Answer[] Score(IReadOnlyList<Choice> choices)
    {
        Scored[] all = [.. choices.Select(Tokenize)];
        Scored[] fitting = [.. all.Where(item => item.Longest <= scorer.Context)];
        if (fitting.Length > 0)
        {
            KeepTrunk(fitting);
            ReadPrefixes(fitting);
            ReadOptions(fitting);
        }

        return [.. all.Select(item => item.Answer(scorer.Context))];
    }

    /// <summary>Frees what is kept of the common beginning.</summary>
    public void Dispose() => _trunk?.Dispose();

    private Scored Tokenize(Choice choice)
    {
        (int[] Tokens, int Context)[] options = [.. choice.Options.Select(option => Tokenize(option.Context, option.Text))];
        int shared = options.Min(option => option.Context) - 1;   // the last token of a context is read with the option: it scores the first of it
        for (int i = 1; i < options.Length; i++)
            shared = Math.Min(shared, options[0].Tokens.AsSpan().CommonPrefixLength(options[i].Tokens));
        return new(choice.Id, options, Math.Max(0, shared));
    }

    private (int[] Tokens, int Context) Tokenize(string context, string text)
    {
        int[] whole = scorer.Tokenizer.Encode(context + text), alone = scorer.Tokenizer.Encode(context);
        // A token that an end-of-text model appends belongs to neither.
        int end = scorer.Tokenizer.AddsEndOfText ? whole.Length - 1 : whole.Length;
        int before = scorer.Tokenizer.AddsEndOfText ? alone.Length - 1 : alone.Length;
        return (whole[..end], Math.Clamp(before, 1, end - 1));
    }

    private void KeepTrunk(Scored[] items)
    {
        ReadOnlySpan<int> common = items[0].Prefix;
        foreach (Scored item in items)
            common = common[..common.CommonPrefixLength(item.Prefix)];
        if (_trunk is not null && common.StartsWith(_trunkTokens) && common.Length < _trunkTokens.Length + WorthSharing)
            return;

        _trunk?.Dispose();
        _trunk = null;
        _trunkTokens = [];
        if (items.Length == 1 || common.Length < WorthSharing)
            return;

        _trunkTokens = common.ToArray();
        _trunk = scorer.CreateSequence();
        scorer.Read([new Passage(_trunk, _trunkTokens, 0)]);
    }

    private void ReadPrefixes(Scored[] items)
    {
        List<Passage> readings = [];
        foreach (Scored item in items)
        {
            item.State = _trunk?.Fork() ?? scorer.CreateSequence();
            if (item.Shared > _trunkTokens.Length)
                readings.Add(new(item.State, item.Options[0].Tokens.AsMemory(_trunkTokens.Length, item.Shared - _trunkTokens.Length), 0));
        }

        if (readings.Count > 0)
            scorer.Read(readings);
    }

    private void ReadOptions(Scored[] items)
    {
        List<Passage> readings = [];
        List<(Scored Item, List<int> Options)> readers = [];
        foreach (Scored item in items)
        {
            int first = readings.Count;
            for (int option = 0; option < item.Options.Length; option++)
            {
                (int[] tokens, int context) = item.Options[option];
                ReadOnlyMemory<int> rest = tokens.AsMemory(item.Shared, tokens.Length - item.Shared - 1);
                int same = readings.FindIndex(first, reading => reading.Tokens.Span.SequenceEqual(rest.Span));
                if (same >= 0 && readings[same].Wanted == tokens.Length - context)
                {
                    readers[same].Options.Add(option);
                    continue;
                }

                readings.Add(new(item.State!.Fork(), rest, tokens.Length - context));
                readers.Add((item, [option]));
            }
        }

        scorer.Read(readings, (reading, row, logits, logSum) =>
        {
            foreach (int option in readers[reading].Options)
            {
                (int[] tokens, int context) = readers[reading].Item.Options[option];
                readers[reading].Item.LogLikelihoods[option] += logits[tokens[context + row]] - logSum;
            }
        });
        foreach (Passage reading in readings)
            reading.State.Dispose();
        foreach (Scored item in items)
            item.State!.Dispose();
    }

    /// <summary>A choice as tokens.</summary>
    private sealed class Scored(string id, (int[] Tokens, int Context)[] options, int shared)
    {
        public (int[] Tokens, int Context)[] Options { get; } = options;

        public int Shared { get; } = shared;

        public ReadOnlySpan<int> Prefix => Options[0].Tokens.AsSpan(0, Shared);

        /// <summary>The longest option's tokens that are read: all but the last.</summary>
        public int Longest => Options.Max(option => option.Tokens.Length) - 1;

        public SequenceState? State { get; set; }

        public double[] LogLikelihoods { get; } = new double[options.Length];

        public Answer Answer(int context) => Longest <= context
            ? new(id) { LogLikelihoods = LogLikelihoods }
            : new(id) { Fault = $"it takes {Longest} tokens; the context holds {context}" };
    }
}
