using System.Security.Cryptography.X509Certificates;

namespace Thimble.Server.Hosting;

/// <summary>Where a server of its own listens, and how it logs.</summary>
internal sealed record Listening
{
    /// <summary>The port unless another is asked for: Ollama's, since its clients ask there without being told, and all others must be told an address anyway.</summary>
    public const int DefaultPort = 11434;

    /// <summary>An address, or <c>localhost</c>, or <c>*</c> for all addresses.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 for any that is free.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The certificate for TLS; null for plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether the log is JSON, one object a line.</summary>
    public bool JsonLog { get; init; }

    /// <summary>Whether requests are logged, rather than warnings and errors alone.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => Host == "localhost" || (System.Net.IPAddress.TryParse(Host, out System.Net.IPAddress? address) && System.Net.IPAddress.IsLoopback(address));
}
