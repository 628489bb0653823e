using System.Text.Json;

namespace Thimble.Library;

/// <summary>Brings models into a folder and takes them out of it: pulled ones are stored once by their content, whatever names they have.</summary>
/// <remarks>Safe between processes. A model is in the list only when all of it is there; who is killed while pulling goes on from there.</remarks>
/// <example><code>
/// var shelf = new ModelShelf(ModelFolder.Default);
/// ModelEntry model = await shelf.PullAsync("hf.co/ggml-org/gemma-3-1b-it-GGUF:Q4_K_M");
/// </code></example>
public sealed class ModelShelf
{
    private readonly HubOptions _options;
    private readonly BlobStore _store;

    /// <summary>A shelf in a folder.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <param name="options">Where models are pulled from; null for what the environment says.</param>
    public ModelShelf(ModelFolder folder, HubOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        (Folder, _options, _store) = (folder, options ?? HubOptions.FromEnvironment(), folder.Store);
    }

    /// <summary>The folder.</summary>
    public ModelFolder Folder { get; }

    /// <summary>Fetches a model, or what is missing of it.</summary>
    /// <param name="name">
    /// <c>NAME[:TAG]</c> from the registry, <c>hf.co/OWNER/REPOSITORY[:QUANTISATION]</c>, or the address of a file.
    /// </param>
    /// <param name="alias">The name it is to have here; null for its own.</param>
    /// <param name="progress">Told how far it is; called from several threads, one at a time.</param>
    /// <param name="cancellationToken">Ends it; what came is kept.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="NotSupportedException">Pulling is switched off, or the model is of a kind that this build does not know.</exception>
    /// <exception cref="FileNotFoundException">The hub has no such model.</exception>
    /// <exception cref="UnauthorizedAccessException">It takes a token to read it.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached, or fails again and again.</exception>
    /// <exception cref="InvalidDataException">What comes is not what the hub promised.</exception>
    /// <exception cref="CapacityException">The disk has too little room; known before anything is fetched where the hub says how much it is.</exception>
    public async Task<ModelEntry> PullAsync(
        string name, string? alias = null, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IHub hub = HubOf(name);
        if (_options.Offline)
            throw new NotSupportedException($"'{name}' is not pulled: THIMBLE_OFFLINE or HF_HUB_OFFLINE is set. Unset it, or put the model's file into '{Folder.Path}'.");

        string? renamed = alias is null ? null : ModelName.Parse(alias).Text;
        var meter = new PullMeter(progress);
        ShelfManifest manifest;
        using (var client = new HubClient(_options))
        using (await ShelfLock.TakeAsync(_store.PullingLock, shared: true, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            meter.Say("pulling manifest");
            RemoteModel remote = await hub.FindAsync(client, cancellationToken).ConfigureAwait(false);
            RequireRoom(name, remote);
            List<ShelfFile> files = [];
            foreach (RemoteFile file in remote.Files)
                files.Add(await new BlobDownload(client, _store, file, _options, meter).RunAsync(cancellationToken).ConfigureAwait(false));

            meter.Say("writing manifest");
            manifest = remote.Manifest with { Name = renamed ?? remote.Manifest.Name, Files = files, Created = TimeProvider.System.GetUtcNow() };
            _store.Write(manifest);
        }

        _store.Collect();
        meter.Say("success");
        return ModelFolder.EntryOf(manifest, _store);
    }

    /// <summary>Gives a model a second name; its files are shared.</summary>
    /// <param name="name">The model: a name on the shelf, or of a file in the folder, which stays where it is.</param>
    /// <param name="alias">The second name; a model that had it loses it.</param>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="ArgumentException">The second name is none.</exception>
    public void Copy(string name, string alias)
    {
        string text = ModelName.Parse(alias).Text;
        // Nobody deletes blobs between the reading of one manifest and the writing of the other.
        using var _ = ShelfLock.Take(_store.PullingLock, shared: true);
        ShelfManifest manifest = Folder.Manifest(name) ?? throw Folder.Unknown(name);
        _store.Write(manifest with { Name = text, Source = manifest.Source ?? manifest.Name });
    }

    /// <summary>Makes a model of another; its files are shared.</summary>
    /// <param name="name">The name of the new one; a model that had it loses it.</param>
    /// <param name="recipe">What it is made of.</param>
    /// <param name="allowPaths">Whether it may be made of a file or folder by its path, which stays where it is. Leave it off where recipes come from others.</param>
    /// <returns>The new model.</returns>
    /// <exception cref="FileNotFoundException">There is no such model or blob.</exception>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="NotSupportedException">The chat template is of no form that this build knows.</exception>
    public ModelEntry Create(string name, ModelRecipe recipe, bool allowPaths = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        string text = ModelName.Parse(name).Text;
        using var _ = ShelfLock.Take(_store.PullingLock, shared: true);
        ShelfManifest parent = BlobStore.IsDigest(recipe.From)
            ? new() { Name = text, Source = recipe.From, Files = [Sent("model.gguf", recipe.From, ShelfRole.Model)] }
            : Folder.Manifest(recipe.From)
                ?? (allowPaths && Path.Exists(recipe.From) ? new() { Name = text, Place = Path.GetFullPath(recipe.From) } : throw Folder.Unknown(recipe.From));
        if (recipe.Template is { } template)
            ForeignTemplate.Jinja(template, own: null);
        Dictionary<string, JsonElement> parameters = new(parent.Parameters);
        foreach ((string key, JsonElement value) in recipe.Parameters)
            parameters[key] = value;
        IEnumerable<ShelfFile> files = recipe.Adapters is null
            ? parent.Files
            : parent.Files.Where(file => file.Role != ShelfRole.Adapter).Concat(recipe.Adapters.Select((digest, i) => Sent($"adapter-{i}.gguf", digest, ShelfRole.Adapter)));
        ShelfManifest made = parent with
        {
            Name = text,
            Source = parent.Source ?? parent.Name,
            Created = TimeProvider.System.GetUtcNow(),
            Files = [.. files],
            System = recipe.System ?? parent.System,
            Template = recipe.Template ?? parent.Template,
            License = recipe.License ?? parent.License,
            Parameters = parameters,
        };
        _store.Write(made);
        foreach (ShelfFile file in made.Files)
            _store.Claim(file.Digest);
        return ModelFolder.EntryOf(made, _store);
    }

    /// <summary>Takes a name off the shelf, and deletes the files that no other name needs.</summary>
    /// <param name="name">The name.</param>
    /// <param name="ownFiles">Whether a file of the user's own, which was put into the folder and not pulled, is deleted, too.</param>
    /// <returns>Bytes freed.</returns>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="ArgumentException">It is a file of the user's own, and <paramref name="ownFiles"/> is off.</exception>
    public long Remove(string name, bool ownFiles = false)
    {
        if (_store.Find(name) is { } manifest)
        {
            _store.Delete(manifest);
            return _store.Collect();
        }

        ModelEntry entry = Folder.List().FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw Folder.Unknown(name);
        if (!ownFiles)
            throw new ArgumentException($"'{name}' is a file of your own, '{entry.Path}'; it is deleted only by force.", nameof(name));

        if (Directory.Exists(entry.Path))
        {
            Directory.Delete(entry.Path, recursive: true);
            return entry.Bytes;
        }

        foreach (string part in SplitName.Parse(entry.Path) is { } split ? Enumerable.Range(1, split.Count).Select(split.PathOf) : [entry.Path])
            File.Delete(part);
        return entry.Bytes;
    }

    private ShelfFile Sent(string name, string digest, ShelfRole role) => _store.Has(digest)
        ? new(name, digest, new FileInfo(_store.PathOf(digest)).Length, role)
        : throw new FileNotFoundException($"There is no blob '{digest}'; send it first.", digest);

    private IHub HubOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Uri.TryCreate(name, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
        {
            return RepositoryIn(address.AbsolutePath.Trim('/')) is { } page && WebAddress.IsHuggingFace(_options, address)
                ? Repository(page)
                : new WebAddress(_options, address);
        }

        foreach (string prefix in (string[])["hf.co/", "huggingface.co/", $"{_options.HuggingFace.Authority}/"])
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return Repository(name[prefix.Length..]);
        }

        return new OllamaRegistry(_options, ModelName.Parse(name));

        static string? RepositoryIn(string path) => path.Count(letter => letter == '/') == 1 ? path : null;
    }

    private HuggingFaceHub Repository(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string repository = colon < 0 ? text : text[..colon];
        string? quantisation = colon < 0 ? null : text[(colon + 1)..];
        return repository.Split('/').Length == 2 && ModelName.TryParse($"hf.co/{repository}:{quantisation ?? ModelName.Latest}") is not null
            ? new(_options, repository, quantisation)
            : throw new ArgumentException($"'{text}' names no repository; expected hf.co/OWNER/REPOSITORY or hf.co/OWNER/REPOSITORY:QUANTISATION.");
    }

    private void RequireRoom(string name, RemoteModel remote)
    {
        long needed = remote.Files.Where(file => file.Digest is null || !_store.Has(file.Digest))
            .Sum(file => Math.Max(0, (file.Bytes ?? 0) - PartialFile.Left(_store.Partial(file.Key))));
        Directory.CreateDirectory(Folder.Path);
        long room = _options.Room(Folder.Path);
        if (needed > room)
            throw new CapacityException($"'{name}' takes {needed} more bytes; the disk of '{Folder.Path}' has {room} left. Make room there, or name another folder in {ModelFolder.Variable}.", needed, room);
    }
}
