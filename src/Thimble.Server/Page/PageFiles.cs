using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Page;

/// <summary>The page at <c>/</c> and its files, from inside the assembly: nothing of it comes from another machine.</summary>
internal static class PageFiles
{
    private const string Prefix = "wwwroot/";

    /// <summary>What a page may do: run its own scripts and ask its own server, and nothing else.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var file = new PageFile(name);
            string path = name[Prefix.Length..];
            Add("/" + path, file);
            if (path == "index.html")
                Add("/", file);
        }
    }

    private static void Add(string path, PageFile file) =>
        Routes.Add(new(HttpMethods.Get, path, OpenAiDialect.Dialect, file.AnswerAsync) { IsOpen = true, IsPage = true });

    /// <summary>One file, read when it is first asked for.</summary>
    private sealed class PageFile(string name)
    {
        private readonly Lazy<(byte[] Bytes, string Tag)> _content = new(() => Read(name));

        public async Task AnswerAsync(Exchange exchange)
        {
            HttpResponse response = exchange.Context.Response;
            (byte[] bytes, string tag) = _content.Value;
            response.Headers.ETag = tag;
            response.Headers.CacheControl = "no-cache";   // asked for each time, answered in full when a new version serves it
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Referrer-Policy"] = "no-referrer";
            if (exchange.Context.Request.Headers.IfNoneMatch.Contains(tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = Kind(name);
            response.ContentLength = bytes.Length;
            await response.Body.WriteAsync(bytes, exchange.Stop).ConfigureAwait(false);
        }

        private static (byte[] Bytes, string Tag) Read(string name)
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return (bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"");
        }

        private static string Kind(string name) => Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
    }
}
