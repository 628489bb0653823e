using Microsoft.AspNetCore.Http;
using Thimble.Server.Http;

namespace Thimble.Server.Access;

/// <summary>Memory that the bodies of all requests may take together while they come in and are answered: many large ones at once must not end the process.</summary>
/// <param name="most">Bytes.</param>
internal sealed class BodyRoom(long most)
{
    private long _taken;

    /// <summary>Room for several of the largest bodies that a server takes.</summary>
    public static BodyRoom For(ServerOptions options) => new(Math.Max(256L << 20, 4 * options.MaxBodyBytes));

    /// <summary>Bytes that are taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes more; what was taken is given back as a whole by <see cref="Return"/>.</summary>
    /// <exception cref="Rejection">There is no room; nothing more was taken.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
            return;
        Interlocked.Add(ref _taken, -bytes);
        throw new Rejection(StatusCodes.Status503ServiceUnavailable, Rejection.Overloaded, $"The bodies of all requests together take more than {most} bytes. Try again, or send less.")
        {
            Code = "bodies_too_large",
            RetryAfter = TimeSpan.FromSeconds(2),
        };
    }

    /// <summary>Gives back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
