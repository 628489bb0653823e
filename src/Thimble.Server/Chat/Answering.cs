using System.Runtime.CompilerServices;
using Thimble.Models.Chat;

namespace Thimble.Server.Chat;

/// <summary>One answer while it is written.</summary>
/// <param name="session">Its session, which it disposes.</param>
/// <param name="generation">The running text.</param>
/// <param name="parser">Takes it apart.</param>
/// <param name="priorCalls">Calls in the conversation so far: ids that the model leaves out count on from there.</param>
internal sealed class Answering(Session session, Generation generation, ReplyParser parser, int priorCalls) : IAsyncDisposable
{
    private int _calls;

    /// <summary>Whether several tools may be called; if not, the answer ends with the first call.</summary>
    public bool CallsInParallel { get; init; } = true;

    /// <summary>Whether a tool was called.</summary>
    public bool HasCalls => _calls > 0;

    /// <summary>Tokens that went into reasoning.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>The running text.</summary>
    public Generation Generation => generation;

    /// <summary>Why it ended.</summary>
    public FinishReason Reason => HasCalls && !CallsInParallel ? FinishReason.EndOfText : generation.FinishReason;

    /// <summary>The pieces as they come.</summary>
    /// <param name="stop">Ends it.</param>
    public async IAsyncEnumerable<AnswerPiece> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        List<ReplyPart> parts = [];
        List<GeneratedToken> tokens = [];
        await foreach (GeneratedToken token in generation.Tokens(stop).ConfigureAwait(false))
        {
            if (token.Id >= 0)
                tokens.Add(token);
            parser.Push(token.Text, parts);
            if (parts.Count == 0)
                continue;

            yield return Piece(parts, tokens);
            (parts, tokens) = ([], []);
            if (HasCalls && !CallsInParallel)
            {
                generation.Cancel();
                yield break;
            }
        }

        parser.End(parts);
        if (parts.Count > 0 || tokens.Count > 0)
            yield return Piece(parts, tokens);
    }

    public async ValueTask DisposeAsync()
    {
        await generation.DisposeAsync().ConfigureAwait(false);
        session.Dispose();
    }

    private AnswerPiece Piece(List<ReplyPart> parts, List<GeneratedToken> tokens)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].Call is not { } call)
                continue;
            if (HasCalls && !CallsInParallel)
            {
                parts.RemoveRange(i, parts.Count - i);
                break;
            }

            _calls++;
            // Nine letters and digits: the one form of id that every template takes.
            parts[i] = parts[i] with { Call = call with { Id = call.Id ?? $"call{priorCalls + _calls:D5}" } };
        }

        if (parts.Count > 0 && parts[0].Kind == ReplyPartKind.Reasoning)
            ReasoningTokens += tokens.Count;
        return new(parts, tokens);
    }
}

/// <summary>A piece of an answer.</summary>
/// <param name="Parts">Text, reasoning and calls, in order.</param>
/// <param name="Tokens">The tokens that were generated for it.</param>
internal readonly record struct AnswerPiece(IReadOnlyList<ReplyPart> Parts, IReadOnlyList<GeneratedToken> Tokens);
