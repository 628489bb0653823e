using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>In which form a chat is answered.</summary>
/// <param name="Streams">Whether in pieces.</param>
/// <param name="StreamsUsage">Whether the last piece counts the tokens.</param>
/// <param name="Choices">How many answers.</param>
/// <param name="LogProbabilities">How many likeliest tokens come with each token and its own probability; null for none of that.</param>
internal sealed record ChatForm(bool Streams, bool StreamsUsage, int Choices, int? LogProbabilities)
{
    private const int MostChoices = 16;

    /// <summary>Reads it.</summary>
    /// <exception cref="Rejection">A field is wrong.</exception>
    public static ChatForm Read(Field body) => new(
        body["stream"].Flag() ?? false,
        body["stream_options"]["include_usage"].Flag() ?? false,
        body["n"].Count(1, MostChoices) ?? 1,
        Likeliest(body));

    private static int? Likeliest(Field body)
    {
        bool wanted = body["logprobs"].Flag() ?? false;
        int? top = body["top_logprobs"].Count(0, 20);
        if (top is not null && !wanted)
            throw Rejection.Of("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        return wanted ? top ?? 0 : null;
    }
}
