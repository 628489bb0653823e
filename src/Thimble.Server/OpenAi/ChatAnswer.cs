using System.Text;
using Thimble.Models.Chat;
using Thimble.Server.Chat;

namespace Thimble.Server.OpenAi;

/// <summary>A whole answer.</summary>
/// <param name="Text">What is said; null where nothing is.</param>
/// <param name="Reasoning">What was thought before; null where nothing was.</param>
/// <param name="Calls">The tools that are called.</param>
/// <param name="Tokens">The tokens that were generated.</param>
internal sealed record ChatAnswer(string? Text, string? Reasoning, IReadOnlyList<ChatToolCall> Calls, IReadOnlyList<GeneratedToken> Tokens)
{
    /// <summary>Reads one to its end.</summary>
    public static async Task<ChatAnswer> ReadAsync(Answering answer, CancellationToken stop)
    {
        StringBuilder text = new(), reasoning = new();
        List<ChatToolCall> calls = [];
        List<GeneratedToken> tokens = [];
        await foreach (AnswerPiece piece in answer.ReadAsync(stop).ConfigureAwait(false))
        {
            tokens.AddRange(piece.Tokens);
            foreach (ReplyPart part in piece.Parts)
            {
                if (part.Call is { } call)
                    calls.Add(call);
                else
                    (part.Kind == ReplyPartKind.Reasoning ? reasoning : text).Append(part.Text);
            }
        }

        return new(
            text.Length > 0 || calls.Count == 0 ? text.ToString() : null, reasoning.Length > 0 ? reasoning.ToString() : null, calls, tokens);
    }
}
