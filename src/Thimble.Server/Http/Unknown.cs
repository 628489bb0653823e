using Microsoft.AspNetCore.Http;
using Thimble.Server.Anthropic;
using Thimble.Server.Ollama;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Http;

/// <summary>Answers who asks where nothing is, in the shape of the API that it looks like.</summary>
internal static class Unknown
{
    private const int Longest = 200;

    /// <summary>Answers a request that no route takes.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/", method = context.Request.Method;
        if (path == "/" && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)))
            return context.Response.WriteAsync("Thimble is running\n", context.RequestAborted);   // without its page; clients look whether anybody is there

        Dialect dialect = path.StartsWith("/api/", StringComparison.Ordinal) ? OllamaDialect.Dialect
            : path.StartsWith("/v1/messages", StringComparison.Ordinal) ? AnthropicDialect.Dialect
            : OpenAiDialect.Dialect;
        string[] methods = [.. Routes.All.Where(route => route.Pattern == path).Select(route => route.Method).Distinct().Order(StringComparer.Ordinal)];
        if (methods.Length > 0)
            context.Response.Headers.Allow = string.Join(", ", methods);
        string shown = path.Length <= Longest ? path : path[..Longest] + "…";
        Rejection refused = methods.Length > 0
            ? new(StatusCodes.Status405MethodNotAllowed, Rejection.Invalid, $"'{shown}' takes {string.Join(" or ", methods)}; this was {method}.") { Code = "method_not_allowed" }
            : new(StatusCodes.Status404NotFound, Rejection.Missing, $"There is nothing at '{shown}'. Addresses begin with /v1 (OpenAI, Anthropic) or /api (Ollama), or are llama-server's, such as /completion.") { Code = "unknown_url" };
        return Exchange.WriteAsync(context, json => dialect.Write(json, refused), dialect.Status(refused), context.RequestAborted);
    }
}
