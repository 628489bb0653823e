namespace Thimble.Library;

/// <summary>Where models are pulled from, and how.</summary>
/// <remarks>Nothing is fetched unless <see cref="ModelShelf.PullAsync"/> is called.</remarks>
public sealed record HubOptions
{
    /// <summary>The variable of <see cref="RegistryLogin"/>.</summary>
    internal const string LoginVariable = "THIMBLE_REGISTRY_LOGIN";

    /// <summary>Where <c>hf.co/OWNER/REPOSITORY</c> leads. Set by <c>HF_ENDPOINT</c> for a mirror.</summary>
    public Uri HuggingFace { get; init; } = new("https://huggingface.co");

    /// <summary>The token for files of Hugging Face that are not open to all; sent to <see cref="HuggingFace"/> alone. Set by <c>HF_TOKEN</c>.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>Where <c>NAME:TAG</c> leads: a registry that speaks Ollama's protocol. Set by <c>THIMBLE_REGISTRY</c>.</summary>
    public Uri Registry { get; init; } = new("https://registry.ollama.ai");

    /// <summary>What opens <see cref="Registry"/> where it asks who one is, as <c>USER:PASSWORD</c>; sent, over HTTPS or within this machine, to the place that it names for tokens. Set by <c>THIMBLE_REGISTRY_LOGIN</c>.</summary>
    public string? RegistryLogin { get; init; }

    /// <summary>Whether to refuse all pulling. Set by <c>THIMBLE_OFFLINE=1</c> or <c>HF_HUB_OFFLINE=1</c>.</summary>
    public bool Offline { get; init; }

    /// <summary>Pieces of a file that are fetched at the same time, 1 to 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int Connections { get; init => field = value is < 1 or > 64 ? throw new ArgumentOutOfRangeException(nameof(Connections), value, "Connections must be 1 to 64.") : value; } = 4;

    /// <summary>How often a request, or a file that came only in part, is tried again before the pull fails.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The wait before the first new try; each later one waits twice as long. A server's <c>Retry-After</c> goes before it.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing before it is asked anew.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of one piece.</summary>
    internal int PieceBytes { get; init; } = 16 << 20;

    /// <summary>Bytes free on the disk of a path.</summary>
    internal Func<string, long> Room { get; init; } = static path => new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;

    /// <summary>An address below a hub's, which may be a folder of a mirror.</summary>
    internal static Uri At(Uri hub, string path) => new(hub.AbsoluteUri.TrimEnd('/') + path);

    /// <summary>The options that the environment asks for.</summary>
    /// <param name="variable">Gives a variable's value; null for those of the process.</param>
    /// <exception cref="ArgumentException">An address is none.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        HubOptions plain = new();
        return plain with
        {
            HuggingFace = Address("HF_ENDPOINT") ?? plain.HuggingFace,
            HuggingFaceToken = variable("HF_TOKEN") is { Length: > 0 } token ? token : null,
            Registry = Address("THIMBLE_REGISTRY") ?? plain.Registry,
            RegistryLogin = variable(LoginVariable) is { Length: > 0 } login ? login : null,
            Offline = IsOn("THIMBLE_OFFLINE") || IsOn("HF_HUB_OFFLINE"),
        };

        bool IsOn(string name) => variable(name) is not (null or "" or "0" or "false");

        Uri? Address(string name) => variable(name) is not { Length: > 0 } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address
            : throw new ArgumentException($"{name} is '{text}'; expected an address such as https://mirror.example.");
    }
}
