using System.Text.Json;

namespace Thimble.Server.Http;

/// <summary>How one API writes what all of them have: errors, and errors within a stream.</summary>
/// <param name="Name">The API's name, for logs and measures.</param>
/// <param name="Write">Writes an error's body.</param>
internal sealed record Dialect(string Name, Action<Utf8JsonWriter, Rejection> Write)
{
    /// <summary>The event that an error is within a stream of server-sent events; null for one without a name.</summary>
    public string? ErrorEvent { get; init; }

    /// <summary>The status of a rejection, where this API has one of its own.</summary>
    public Func<Rejection, int> Status { get; init; } = rejection => rejection.Status;
}
