using Microsoft.Extensions.Logging;

namespace Thimble.Server.Telemetry;

/// <summary>What the server writes to the log. Prompts and answers are no part of it unless the operator asked for them.</summary>
internal static partial class Notes
{
    [LoggerMessage(1, LogLevel.Information, "Model {Model} opened in {Seconds:F2} s")]
    public static partial void Opened(this ILogger log, string model, double seconds);

    [LoggerMessage(2, LogLevel.Error, "The model cannot be opened: {Reason}")]
    public static partial void NotOpened(this ILogger log, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Method} {Path} {Status} in {Milliseconds:F0} ms; key '{Key}', model {Model}, {PromptTokens} tokens read ({CachedTokens} from the cache), {GeneratedTokens} written")]
    public static partial void Answered(
        this ILogger log, string method, string path, int status, double milliseconds, string key, string? model, long promptTokens, long cachedTokens, long generatedTokens);

    [LoggerMessage(4, LogLevel.Information, "{Method} {Path}: the client went away after {Milliseconds:F0} ms; key '{Key}', {GeneratedTokens} tokens written")]
    public static partial void Abandoned(this ILogger log, string method, string path, double milliseconds, string key, long generatedTokens);

    [LoggerMessage(5, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Failed(this ILogger log, Exception fault, string method, string path);

    [LoggerMessage(6, LogLevel.Information, "{Method} {Path} {Status}: {Reason}")]
    public static partial void Refused(this ILogger log, string method, string path, int status, string reason);

    [LoggerMessage(7, LogLevel.Information, "Prompt: {Prompt}")]
    public static partial void Asked(this ILogger log, string prompt);
}
