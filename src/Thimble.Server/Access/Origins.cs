using System.Net;
using Microsoft.AspNetCore.Http;
using Thimble.Server.Http;

namespace Thimble.Server.Access;

/// <summary>Which web pages may ask. By default none but the server's own.</summary>
/// <remarks>
/// A server on loopback is within reach of every page that its user opens. Browsers name the page a request comes from, so that foreign ones
/// are refused; and a page cannot pass as this server's own by a name that resolves to loopback, since without keys only loopback's own names
/// are answered to.
/// </remarks>
internal static class Origins
{
    /// <summary>Lets a request in, or refuses it.</summary>
    /// <exception cref="Rejection">It comes from a page that may not ask, or through a name that is not this server's.</exception>
    public static void Admit(HttpContext context, ServerOptions options, bool hasKeys)
    {
        HostString host = context.Request.Host;
        IPAddress? local = context.Connection.LocalIpAddress;
        bool onLoopback = local is not null && IPAddress.IsLoopback(local);
        if (!hasKeys && onLoopback && host.HasValue && !IsLoopback(host.Host) && !options.Hosts.Contains(host.Host, StringComparer.OrdinalIgnoreCase))
            throw Refused($"This server is not named '{host.Host}'; without keys it answers to localhost only. Name the host (--allowed-host), or ask for keys.");
        if (!hasKeys && !options.AllowAnonymous && local is not null && !onLoopback)
            throw Refused("This server is reached through a public address and asks for no key, so it answers nobody. Give it keys (--api-key-file).");

        if (context.Request.Headers.Origin is not [{ Length: > 0 } origin, ..])
            return;
        if (IsAllowed(origin, options))
            Allow(context, origin);
        else if (!IsOwn(origin, context.Request))
            throw Refused($"Pages of '{origin}' may not ask this server. Allow them with --cors-origin.");
    }

    /// <summary>Whether a request comes from this machine, and not through a proxy that says so.</summary>
    public static bool IsHere(HttpContext context)
    {
        HttpRequest request = context.Request;
        IPAddress? sender = context.Connection.RemoteIpAddress;
        return (sender is null || IPAddress.IsLoopback(sender)) && (!request.Host.HasValue || IsLoopback(request.Host.Host))
            && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded");
    }

    private static bool IsAllowed(string origin, ServerOptions options) =>
        options.Origins.Contains("*") || options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a page is this server's own.</summary>
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Scheme == request.Scheme
        && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private static void Allow(HttpContext context, string origin)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Vary = "Origin";
        if (!HttpMethods.IsOptions(context.Request.Method))
            return;
        headers.AccessControlAllowMethods = "GET, POST, DELETE, OPTIONS";
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } asked ? asked : "authorization, content-type";
        headers.AccessControlMaxAge = "600";
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static Rejection Refused(string message) => new(StatusCodes.Status403Forbidden, Rejection.Forbidden, message);
}
