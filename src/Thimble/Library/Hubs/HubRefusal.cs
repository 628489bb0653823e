using System.Net;
using System.Text.Json;

namespace Thimble.Library;

/// <summary>A server's refusal as an exception that says what helps.</summary>
internal static class HubRefusal
{
    private const int LongestReason = 300, LongestBody = 8192;

    public static async Task<Exception> OfAsync(HubRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string asked = request.Address.GetLeftPart(UriPartial.Path), reason = await ReasonAsync(response, cancellationToken).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new FileNotFoundException($"'{asked}' is not there ({status}).{reason}", asked),
            HttpStatusCode.Unauthorized => new UnauthorizedAccessException(request.Token is null
                ? $"'{asked}' does not exist or is not open to all (401).{reason} Set {request.Variable} for one who may read it."
                : $"'{asked}' does not take the token (401).{reason} Set {request.Variable} to one that may read it."),
            HttpStatusCode.Forbidden => new UnauthorizedAccessException(
                $"'{asked}' may not be read{(request.Token is null ? " without a token" : " with this token")} (403).{reason} Accept the model's conditions on its page, and set {request.Variable}."),
            HttpStatusCode.TooManyRequests => new HttpRequestException($"'{asked}' is asked too often (429).{reason} Try again later.", null, response.StatusCode),
            _ => new HttpRequestException($"'{asked}' answered {status} {response.ReasonPhrase}.{reason}", null, response.StatusCode),
        };
    }

    /// <summary>What the server says itself, as one sentence with a blank before it.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string reason = response.Headers.TryGetValues("X-Error-Message", out IEnumerable<string>? said) ? said.First() : "";
        if (reason.Length == 0 && response.Content.Headers.ContentType?.MediaType == "application/json" && response.Content.Headers.ContentLength is > 0 and < LongestBody)
        {
            try
            {
                using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
                reason = Message(json.RootElement) ?? "";
            }
            catch (Exception fault) when (fault is JsonException or IOException or HttpRequestException)
            {
                reason = "";   // a refusal that cannot be read is still one
            }
        }

        reason = reason.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return reason.Length == 0 ? "" : $" It says: {(reason.Length > LongestReason ? reason[..LongestReason] + "…" : reason)}.";
    }

    /// <summary>The message in <c>{"error": "…"}</c> or <c>{"errors": [{"message": "…"}]}</c>.</summary>
    private static string? Message(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        if (json.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String)
            return error.GetString();
        return json.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
            && errors[0].ValueKind == JsonValueKind.Object && errors[0].TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()
            : null;
    }
}
