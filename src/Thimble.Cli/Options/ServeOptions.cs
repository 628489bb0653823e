using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Thimble.Server;
using Thimble.Server.Hosting;

namespace Thimble.Cli.Options;

/// <summary>The options of the server, named as llama-server names them where it has them.</summary>
internal sealed class ServeOptions
{
    private readonly Option<string> _host = new("--host") { Description = "Address to listen on; 0.0.0.0 for all, which needs a key. Default 127.0.0.1, this machine alone.", HelpName = "ADDRESS" };
    private readonly Option<int?> _port = new("--port") { Description = $"Port to listen on; 0 for any that is free. Default {Thimble.Server.Hosting.Listening.DefaultPort}.", HelpName = "N" };
    private readonly Option<string> _alias = new("--alias", "-a") { Description = "The name that the model goes by.", HelpName = "NAME" };
    private readonly Option<string[]> _keys = new("--api-key") { Description = "A key that may ask; the only one of a server may change its models too. May be repeated.", HelpName = "KEY" };
    private readonly Option<string> _keyFile = new("--api-key-file") { Description = "A file of hashed keys; 'thimble key' makes it.", HelpName = "FILE" };
    private readonly Option<bool> _anonymous = new("--allow-anonymous") { Description = "Answer without keys even where other machines can ask." };
    private readonly Option<string[]> _hosts = new("--allowed-host") { Description = "A name besides localhost that a server without keys answers to. May be repeated.", HelpName = "NAME" };
    private readonly Option<string[]> _origins = new("--cors-origin") { Description = "Web pages that may ask, as https://example.org; * for all. May be repeated.", HelpName = "ORIGIN" };
    private readonly Option<string> _certificate = new("--ssl-cert-file") { Description = "The certificate for TLS, as PEM.", HelpName = "FILE" };
    private readonly Option<string> _certificateKey = new("--ssl-key-file") { Description = "Its private key, as PEM.", HelpName = "FILE" };
    private readonly Option<int?> _parallel = new("--parallel", "-np") { Description = "Requests that compute at once. Default 64.", HelpName = "N" };
    private readonly Option<int?> _queue = new("--max-queue") { Description = "Requests that may wait; more get status 429. Default 512.", HelpName = "N" };
    private readonly Option<int?> _perKey = new("--key-parallel") { Description = "Requests of one key at once. No limit unless given.", HelpName = "N" };
    private readonly Option<int?> _rate = new("--key-rate") { Description = "Requests of one key in a minute. No limit unless given.", HelpName = "N" };
    private readonly Option<long?> _body = new("--max-body") { Description = "Bytes of the largest request. Default 33554432.", HelpName = "BYTES" };
    private readonly Option<int?> _prompt = new("--max-prompt") { Description = "Tokens of the longest prompt. What the context holds unless given.", HelpName = "N" };
    private readonly Option<int?> _output = new("--max-output") { Description = "Tokens of the longest answer. What the context holds unless given.", HelpName = "N" };
    private readonly Option<double?> _timeout = new("--timeout", "-to") { Description = "Seconds that a request may take. Default 600.", HelpName = "SECONDS" };
    private readonly Option<double?> _drain = new("--drain-timeout") { Description = "Seconds that running requests get when the server stops. Default 30.", HelpName = "SECONDS" };
    private readonly Option<string> _folder = new("--models-dir") { Description = "The folder of the models that may be asked for by name.", HelpName = "FOLDER" };
    private readonly Option<int?> _models = new("--models-max") { Description = "Models open at once; as many as fit the memory unless given.", HelpName = "N" };
    private readonly Option<double?> _memory = new("--models-memory") { Description = "Gigabytes that all open models may take; three quarters of the machine's unless given.", HelpName = "GB" };
    private readonly Option<double?> _keep = new("--keep-alive") { Description = "Seconds that a model nobody asks stays open; below zero for ever.", HelpName = "SECONDS" };
    private readonly Option<bool> _noPage = new("--no-webui") { Description = "Have no page to chat on." };
    private readonly Option<bool> _noMetrics = new("--no-metrics") { Description = "Gather no figures for /metrics." };
    private readonly Option<Uri> _otlp = new("--otlp") { Description = "Where traces and figures are sent by OTLP; OTEL_EXPORTER_OTLP_ENDPOINT says so too.", HelpName = "URL" };
    private readonly Option<string> _slots = new("--slot-save-path") { Description = "The folder that slots are saved to.", HelpName = "FOLDER" };
    private readonly Option<string> _projector = new("--mmproj") { Description = "The model's projector file (GGUF), with which it sees images; the one beside its file unless given.", HelpName = "FILE" };
    private readonly Option<int?> _sequences = new("--max-sequences") { Description = "Texts computed side by side. Default 64.", HelpName = "N" };
    private readonly Option<long?> _prefixes = new("--prefix-tokens") { Description = "Tokens kept of texts that have ended, for prompts that begin like them; 0 for none. A quarter of the cache unless given.", HelpName = "N" };
    private readonly Option<int?> _chunk = new("--ubatch-size", "-ub") { Description = "Prompt tokens computed in one step. Default 512.", HelpName = "N" };
    private readonly Option<int?> _mixed = new("--mixed-chunk") { Description = "Prompt tokens computed in a step in which others write. Default 64.", HelpName = "N" };
    private readonly Option<bool> _prompts = new("--log-prompts") { Description = "Write prompts to the log too." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Log each request." };
    private readonly Option<string> _format = new("--log-format") { Description = "How the log is written: text (default) or json.", HelpName = "text|json" };

    /// <summary>The model, as llama-server takes it.</summary>
    public Option<string> Model { get; } = new("--model", "-m") { Description = "The model, instead of the word behind 'serve'.", HelpName = "MODEL" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] all =
        [
            Model, _host, _port, _alias, _keys, _keyFile, _anonymous, _hosts, _origins, _certificate, _certificateKey, _parallel, _queue, _perKey, _rate,
            _body, _prompt, _output, _timeout, _drain, _folder, _models, _memory, _keep, _noPage, _noMetrics, _otlp, _slots, _prompts, _verbose, _format,
            _projector, _sequences, _prefixes, _chunk, _mixed,
        ];
        foreach (Option option in all)
            command.Options.Add(option);
    }

    /// <summary>Where to listen. OLLAMA_HOST says so where the command line does not.</summary>
    /// <exception cref="ArgumentException">An address, port, certificate or format is none.</exception>
    public Listening Listening(ParseResult parsed, Terminal terminal)
    {
        (string host, int port) = Place(terminal.Variable("OLLAMA_HOST"));
        port = parsed.GetValue(_port) ?? port;
        if (port is < 0 or > 65535)
            throw new ArgumentException($"--port: {port} is no port; expected 0 to 65535.", nameof(parsed));
        return new()
        {
            Host = parsed.GetValue(_host) ?? host,
            Port = port,
            Certificate = Certificate(parsed.GetValue(_certificate), parsed.GetValue(_certificateKey)),
            JsonLog = parsed.GetValue(_format) switch
            {
                null or "text" => false,
                "json" => true,
                { } other => throw new ArgumentException($"--log-format: '{other}' is unknown; known: text, json.", nameof(parsed)),
            },
            Verbose = parsed.GetValue(_verbose) || parsed.GetValue(_prompts),
        };
    }

    /// <summary>What is served, and to whom.</summary>
    public ServerOptions Server(ParseResult parsed, Terminal terminal)
    {
        ServerOptions plain = new();
        return plain with
        {
            Alias = parsed.GetValue(_alias),
            ApiKeys = parsed.GetValue(_keys) ?? [],
            ApiKeyFile = parsed.GetValue(_keyFile),
            AllowAnonymous = parsed.GetValue(_anonymous),
            Hosts = parsed.GetValue(_hosts) ?? [],
            Origins = parsed.GetValue(_origins) ?? [],
            MaxConcurrent = parsed.GetValue(_parallel) ?? plain.MaxConcurrent,
            MaxQueue = parsed.GetValue(_queue) ?? plain.MaxQueue,
            MaxConcurrentPerKey = parsed.GetValue(_perKey),
            RequestsPerMinute = parsed.GetValue(_rate),
            MaxBodyBytes = parsed.GetValue(_body) ?? plain.MaxBodyBytes,
            MaxPromptTokens = parsed.GetValue(_prompt),
            MaxOutputTokens = parsed.GetValue(_output),
            RequestTimeout = parsed.GetValue(_timeout) is { } timeout ? TimeSpan.FromSeconds(timeout) : plain.RequestTimeout,
            DrainTimeout = parsed.GetValue(_drain) is { } drain ? TimeSpan.FromSeconds(drain) : plain.DrainTimeout,
            Folder = parsed.GetValue(_folder) ?? terminal.Variable(Thimble.Library.ModelFolder.Variable),
            MaxModels = parsed.GetValue(_models),
            MemoryBytes = parsed.GetValue(_memory) is { } gigabytes ? (long)(gigabytes * 1e9) : null,
            KeepAlive = parsed.GetValue(_keep) is { } keep ? TimeSpan.FromSeconds(keep) : null,
            Otlp = parsed.GetValue(_otlp) ?? (Uri.TryCreate(terminal.Variable("OTEL_EXPORTER_OTLP_ENDPOINT"), UriKind.Absolute, out Uri? endpoint) ? endpoint : null),
            Metrics = !parsed.GetValue(_noMetrics),
            Page = !parsed.GetValue(_noPage),
            SlotFolder = parsed.GetValue(_slots),
            LogPrompts = parsed.GetValue(_prompts),
        };
    }

    /// <summary>The settings with a budget for as many texts at once as are asked for.</summary>
    public RunSettings Planned(ParseResult parsed, RunSettings settings) =>
        settings.Budget is { } budget && parsed.GetValue(_sequences) is { } users ? settings with { Budget = budget with { Users = users } } : settings;

    /// <summary>How the model is opened, where these say something of it.</summary>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public ModelOptions Opening(ParseResult parsed, ModelOptions plain) => plain with
    {
        Projector = parsed.GetValue(_projector) is { } projector ? Path.GetFullPath(projector) : plain.Projector,
        MaxSequences = parsed.GetValue(_sequences) ?? plain.MaxSequences,
        PrefixTokens = parsed.GetValue(_prefixes) ?? plain.PrefixTokens,
        PrefillChunk = parsed.GetValue(_chunk) ?? plain.PrefillChunk,
        MixedChunk = parsed.GetValue(_mixed) ?? plain.MixedChunk,
    };

    /// <summary>An address in Ollama's form: <c>0.0.0.0</c>, <c>:11500</c>, <c>http://localhost:11500</c>.</summary>
    private static (string Host, int Port) Place(string? text)
    {
        Listening plain = new();
        if (string.IsNullOrWhiteSpace(text))
            return (plain.Host, plain.Port);
        string place = text.Contains("://", StringComparison.Ordinal) ? text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/') : text;
        int colon = place.LastIndexOf(':');
        bool hasPort = colon >= 0 && int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int _) && !place[..colon].Contains(':', StringComparison.Ordinal) || place.Contains("]:", StringComparison.Ordinal);
        string host = (hasPort ? place[..colon] : place).Trim('[', ']');
        return (host.Length == 0 ? plain.Host : host, hasPort ? int.Parse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture) : plain.Port);
    }

    private static X509Certificate2? Certificate(string? file, string? key)
    {
        if (file is null && key is null)
            return null;
        if (file is null || key is null)
            throw new ArgumentException("TLS needs both --ssl-cert-file and --ssl-key-file.", nameof(file));
        try
        {
            return X509Certificate2.CreateFromPemFile(file, key);
        }
        catch (CryptographicException fault)
        {
            throw new InvalidDataException($"'{file}' and '{key}' are no certificate and its key in PEM: {fault.Message}", fault);
        }
    }
}
