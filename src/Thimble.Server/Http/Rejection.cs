using Microsoft.AspNetCore.Http;

namespace Thimble.Server.Http;

/// <summary>Why a request is not answered, in the terms that all APIs share; each writes it in its own shape.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="kind">The kind of error, by OpenAI's names: <c>invalid_request_error</c>, <c>rate_limit_error</c> …</param>
/// <param name="message">What, expected, got, remedy.</param>
internal sealed class Rejection(int status, string kind, string message) : Exception(message)
{
    public const string Invalid = "invalid_request_error", Missing = "not_found_error", Overloaded = "overloaded_error",
        Rate = "rate_limit_error", Key = "authentication_error", Forbidden = "permission_error", Internal = "api_error";

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The kind of error.</summary>
    public string Kind { get; } = kind;

    /// <summary>The field that is wrong, as a path: <c>messages[2].content</c>; null where it is not about one.</summary>
    public string? Field { get; init; }

    /// <summary>A word that programs tell this refusal by; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>When to try again; null for never, or for a request that must change first.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Tokens of a prompt that is too long, and of the context; null for any other refusal.</summary>
    public (long Needed, long Available)? Room { get; init; }

    /// <summary>A field is wrong.</summary>
    public static Rejection Of(string field, string message) => new(StatusCodes.Status400BadRequest, Invalid, message) { Field = field };

    /// <summary>There is no such model.</summary>
    public static Rejection NoModel(string message) =>
        new(StatusCodes.Status404NotFound, Missing, message) { Field = "model", Code = "model_not_found" };

    /// <summary>What a caller may be told of a fault. What is not the caller's doing stays in the log.</summary>
    public static Rejection Of(Exception fault) => fault switch
    {
        Rejection refusal => refusal,
        // A prompt's length was seen to before: what is full here is shared with others, and empties again.
        CapacityException capacity => new(StatusCodes.Status503ServiceUnavailable, Overloaded, capacity.Message) { Code = "cache_full", RetryAfter = TimeSpan.FromSeconds(2) },
        BadHttpRequestException request => new(request.StatusCode, Invalid, request.Message),
        FileNotFoundException missing => NoModel(Line(missing)),
        NotSupportedException or ArgumentException => new(StatusCodes.Status400BadRequest, Invalid, Line(fault)),
        ObjectDisposedException => new(StatusCodes.Status503ServiceUnavailable, Overloaded, "The model was closed while it was asked; try again.") { RetryAfter = TimeSpan.FromSeconds(1) },
        _ => new(StatusCodes.Status500InternalServerError, Internal, "The server failed at this request; its log says why."),
    };

    /// <summary>A message without the name of a parameter that no client has typed.</summary>
    public static string Line(Exception fault)
    {
        string message = fault.Message;
        if (fault is ArgumentException { ParamName: { } parameter } && message.IndexOf($" (Parameter '{parameter}')", StringComparison.Ordinal) is > 0 and var end)
            message = message[..end];
        return message.ReplaceLineEndings(" ").TrimEnd();
    }
}
