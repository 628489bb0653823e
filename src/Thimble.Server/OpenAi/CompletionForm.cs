using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>In which form completions are answered.</summary>
/// <param name="Choices">Answers to each prompt.</param>
/// <param name="Candidates">Answers written for each, of which the likeliest are given.</param>
/// <param name="Likeliest">How many likeliest tokens come with each token and its own probability; null for none of that.</param>
/// <param name="Echoes">Whether the prompt stands before its answer.</param>
/// <param name="Streams">Whether in pieces.</param>
/// <param name="StreamsUsage">Whether the last piece counts the tokens.</param>
internal sealed record CompletionForm(int Choices, int Candidates, int? Likeliest, bool Echoes, bool Streams, bool StreamsUsage)
{
    private const int Most = 128;

    /// <summary>Reads it.</summary>
    /// <exception cref="Rejection">A field is wrong.</exception>
    public static CompletionForm Read(Field body)
    {
        int choices = body["n"].Count(1, Most) ?? 1, best = body["best_of"].Count(1, Most) ?? choices;
        bool streams = body["stream"].Flag() ?? false;
        if (best < choices)
            throw Rejection.Of("best_of", $"'best_of' is {best} and 'n' is {choices}; expected at least as many to choose from as are given.");
        if (streams && best > choices)
            throw Rejection.Of("best_of", $"'best_of' is {best}: which is best is known at the end only; leave it out, or 'stream'.");
        int? likeliest = body["logprobs"] is { IsFlag: true } flag ? (flag.Flag() == true ? 0 : null) : body["logprobs"].Count(0, 20);
        return new(choices, best, likeliest, body["echo"].Flag() ?? false, streams, body["stream_options"]["include_usage"].Flag() ?? false);
    }
}

/// <summary>A prompt that is said again before its answer.</summary>
/// <param name="Text">It.</param>
/// <param name="Tokens">Its tokens with the text of each and what the model thinks of them; none where that is not asked for.</param>
internal sealed record CompletionEcho(string Text, IReadOnlyList<GeneratedToken> Tokens)
{
    /// <summary>Nothing.</summary>
    public static CompletionEcho None { get; } = new("", []);

    /// <summary>Of a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="likely">What the model thinks of each; none where that is not asked for.</param>
    public static CompletionEcho Of(Model model, int[] prompt, TokenLikelihood[] likely)
    {
        if (likely.Length == 0)
            return new(model.Tokenizer.Decode(prompt), []);
        var texts = new Detokenizer(model.Tokenizer, start: true);
        GeneratedToken[] tokens = [.. prompt.Select((id, i) => new GeneratedToken(id, texts.Push(id)) { LogProbability = likely[i].Own, TopLogProbabilities = likely[i].Top })];
        return new(string.Concat(tokens.Select(token => token.Text)) + texts.Flush(), tokens);
    }
}
