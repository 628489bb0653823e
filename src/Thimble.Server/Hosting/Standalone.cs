using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Thimble.Server.Hosting;

/// <summary>A web application that is nothing but Thimble's server: what <c>thimble serve</c> runs.</summary>
internal static class Standalone
{
    /// <summary>Builds it.</summary>
    /// <param name="listening">Where it listens.</param>
    /// <param name="options">What it serves.</param>
    /// <param name="services">Adds to, or replaces, its services.</param>
    /// <exception cref="ArgumentException">The options would open it to everybody, or the address is none.</exception>
    public static WebApplication Build(Listening listening, ServerOptions options, Action<IServiceCollection>? services = null)
    {
        RequireKeys(listening, options);
        if (new ServerCheck().Validate(null, options) is { Failed: true } check)
            throw new ArgumentException(check.FailureMessage, nameof(options));
        // Empty: no files or variables but those that are named have a say.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        if (listening.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, listening, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout + TimeSpan.FromSeconds(1));
        Log(builder.Logging, listening);
        builder.Services.AddSingleton(Options.Create(options));
        builder.Services.AddThimble();
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapThimble();
        app.MapFallback("{*path}", Http.Unknown.AnswerAsync);
        return app;
    }

    private static void RequireKeys(Listening listening, ServerOptions options)
    {
        if (!listening.IsLoopback && options is { ApiKeys.Count: 0, ApiKeyFile: null, AllowAnonymous: false })
        {
            throw new ArgumentException(
                $"--host {listening.Host} can be reached from other machines, and no key is set: everybody could use the model. " +
                "Set one with --api-key-file or --api-key, or say --allow-anonymous if something else keeps strangers out.", nameof(options));
        }
    }

    private static void Configure(KestrelServerOptions kestrel, Listening listening, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = options.MaxBodyBytes;
        limits.MaxConcurrentConnections = 4096;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        // A whole answer fits, so that its place is free once it is written, whether or not anybody reads it.
        limits.MaxResponseBufferSize = 512 << 10;
        // Who sends or reads slower than this for longer than that holds a connection for nothing.
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        if (listening.Host == "localhost" && listening.Port != 0)
            kestrel.ListenLocalhost(listening.Port, Secure);
        else if (listening.Host is "*" or "+")
            kestrel.ListenAnyIP(listening.Port, Secure);
        else if (IPAddress.TryParse(listening.Host == "localhost" ? "127.0.0.1" : listening.Host, out IPAddress? address))
            kestrel.Listen(address, listening.Port, Secure);
        else
            throw new ArgumentException($"--host '{listening.Host}' is no address; expected one such as 127.0.0.1, ::1 or 0.0.0.0, or localhost.", nameof(listening));

        void Secure(ListenOptions listen)
        {
            if (listening.Certificate is { } certificate)
                listen.UseHttps(certificate);
        }
    }

    private static void Log(ILoggingBuilder logging, Listening listening)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        if (listening.Verbose)
            logging.AddFilter("Thimble", LogLevel.Information);
        if (listening.JsonLog)
            logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.ColorBehavior) = (true, "HH:mm:ss ", LoggerColorBehavior.Disabled));
        // Results, if any, go to standard output; the log does not.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
