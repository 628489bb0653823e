using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>In which form a chat is answered.</summary>
/// <param name="Streams">Whether in pieces.</param>
/// <param name="StreamsUsage">Whether the last piece counts the tokens.</param>
/// <param name="Choices">How many answers.</param>
/// <param name="LogProbabilities">Whether each token comes with its probability.</param>
internal sealed record ChatForm(bool Streams, bool StreamsUsage, int Choices, bool LogProbabilities)
{
    private const int MostChoices = 16;

    /// <summary>Reads it.</summary>
    /// <exception cref="Rejection">A field is wrong.</exception>
    public static ChatForm Read(Field body) => new(
        body["stream"].Flag() ?? false,
        body["stream_options"]["include_usage"].Flag() ?? false,
        body["n"].Count(1, MostChoices) ?? 1,
        body["logprobs"].Flag() ?? false);
}
