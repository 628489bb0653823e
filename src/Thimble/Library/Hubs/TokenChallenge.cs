using System.Text.Json;

namespace Thimble.Library;

/// <summary>What a registry says to those who come without a token: where one is given, and what for.</summary>
/// <param name="Realm">Who gives it.</param>
/// <param name="Service">Whom it is for; null where nobody says.</param>
/// <param name="Scope">What it opens, such as <c>repository:library/tales:pull</c>; null where nobody says.</param>
/// <remarks>Source: Distribution, "Token Authentication Specification", CNCF; RFC 6750, "Bearer Token Usage", 2012, section 3.</remarks>
internal sealed record TokenChallenge(Uri Realm, string? Service, string? Scope)
{
    private const int MostBytes = 1 << 16;

    /// <summary>The address that is asked.</summary>
    public Uri Address
    {
        get
        {
            string[] asked = [Named("service", Service), Named("scope", Scope)];
            string query = string.Join('&', asked.Prepend(Realm.Query.TrimStart('?')).Where(part => part.Length > 0));
            return new UriBuilder(Realm) { Query = query }.Uri;
        }
    }

    /// <summary>Whether nobody on the way reads what is sent there.</summary>
    public bool IsPrivate => Realm.Scheme == Uri.UriSchemeHttps || Realm.IsLoopback;

    /// <summary>What a refusal asks for; null where that is no token from an address.</summary>
    /// <param name="response">The refusal.</param>
    /// <param name="asked">What was asked; HTTPS is not left for HTTP.</param>
    public static TokenChallenge? Of(HttpResponseMessage response, Uri asked)
    {
        string? words = response.Headers.WwwAuthenticate.FirstOrDefault(way => way.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))?.Parameter;
        Dictionary<string, string> values = Values(words ?? "");
        // Hugging Face has words for people there.
        return Uri.TryCreate(values.GetValueOrDefault("realm"), UriKind.Absolute, out Uri? realm) && realm.Scheme is "http" or "https" && (asked.Scheme == "http" || realm.Scheme == "https")
            ? new(realm, values.GetValueOrDefault("service"), values.GetValueOrDefault("scope"))
            : null;
    }

    /// <summary>The token in an answer: <c>{"token": "…"}</c>, or <c>access_token</c> as OAuth calls it.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken).ConfigureAwait(false);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            foreach (string name in (string[])["token", "access_token"])
            {
                if (json.RootElement.TryGetProperty(name, out JsonElement token) && token.GetString() is { Length: > 0 } text && !text.Any(char.IsControl))
                    return text;
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException || (fault is HttpRequestException && fault.InnerException is null))
        {
            throw Nothing(fault);
        }

        throw Nothing(null);
    }

    private InvalidDataException Nothing(Exception? fault) => new($"'{Realm.GetLeftPart(UriPartial.Path)}' gives no token: expected JSON with 'token' or 'access_token'.", fault);

    private static string Named(string name, string? value) => value is null ? "" : $"{name}={Uri.EscapeDataString(value)}";

    /// <summary>The values of <c>name="value",name=value</c>; commas may stand in quotes.</summary>
    private static Dictionary<string, string> Values(string text)
    {
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        for (int at = 0; at < text.Length;)
        {
            int equal = text.IndexOf('=', at);
            if (equal < 0)
                break;

            string name = text[at..equal].Trim(' ', ',');
            bool quoted = equal + 1 < text.Length && text[equal + 1] == '"';
            int start = quoted ? equal + 2 : equal + 1, end = text.IndexOf(quoted ? '"' : ',', Math.Min(start, text.Length));
            end = end < 0 ? text.Length : end;
            values[name] = text[Math.Min(start, end)..end].Trim();
            at = end + 1;
        }

        return values;
    }
}
