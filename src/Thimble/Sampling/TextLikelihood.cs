using Thimble.Adapters;
using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Sampling;

/// <summary>How likely a model finds the tokens of a given text, each after those before it.</summary>
/// <param name="model">The model.</param>
/// <param name="decoder">It as blocks.</param>
/// <param name="states">Where it keeps its states.</param>
internal sealed class TextLikelihood(Model model, Decoder decoder, StatePool states)
{
    private const int Logits = 1 << 22, MostRows = 512;   // computed at once

    /// <summary>Computes it.</summary>
    /// <param name="tokens">The text, at least one token.</param>
    /// <param name="top">How many of the likeliest are wanted with each.</param>
    /// <param name="adapters">The adapters that it goes through.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    /// <returns>Of each token; of the first, before which nothing stands, nothing.</returns>
    /// <exception cref="CapacityException">The text is longer than the context, or the cache is full.</exception>
    /// <exception cref="NotSupportedException">The model writes no text, or reads prompts with an encoder.</exception>
    /// <remarks>Between runs, others' steps go on.</remarks>
    public TokenLikelihood[] Of(int[] tokens, int top, SequenceAdapters adapters, CancellationToken cancellationToken)
    {
        if (decoder.Head is null || decoder.LooksAhead || model.IsEncoderDecoder)
            throw new NotSupportedException($"'{model.Name}' ({model.File.Architecture}) does not find texts likely from left to right; known: models that continue text.");
        if (tokens.Length > model.ContextLength)
            throw new CapacityException($"The text has {tokens.Length} tokens; the context holds {model.ContextLength}. Shorten the text.", tokens.Length, model.ContextLength);

        var likely = new TokenLikelihood[tokens.Length];
        var sequence = new Sequence(states);
        sequence.Append(tokens);
        sequence.Adapt(adapters);
        try
        {
            while (sequence.State.Length < tokens.Length - 1)
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.Engine.Between(batcher => MakeRoom(batcher, sequence));
                model.Engine.Use(pass => Step(pass, sequence, top, likely));
            }
        }
        finally
        {
            model.Engine.Between(_ => sequence.Dispose());
        }

        return likely;
    }

    private int Rows(Sequence sequence) => Math.Min(Math.Clamp(Logits / Math.Max(1, model.VocabularySize), 1, MostRows), sequence.Pending.Length - 1);

    private void MakeRoom(Batcher batcher, Sequence sequence)
    {
        while (!sequence.HasRoom(Rows(sequence)) && batcher.Roster.FreeIdle())
        {
            // until there is room, or nobody idle has any left
        }
    }

    private void Step(Pass pass, Sequence sequence, int top, TokenLikelihood[] likely)
    {
        int first = sequence.State.Length;
        (AdaptationSet? set, int rows) = sequence.Adapters.At(first, Rows(sequence));
        pass.Add(sequence.State, sequence.Pending[..rows], rows, set);
        Compute.Memory.Matrix logits = decoder.Head!.Apply(pass, decoder.Forward(pass));
        for (int i = 0; i < rows; i++)
            likely[first + i + 1] = TokenLikelihood.Of(sequence.Tokens[first + i + 1], logits[i][..model.VocabularySize], top);
    }
}
