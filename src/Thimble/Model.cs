using Microsoft.Extensions.AI;
using Thimble.Cache;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Grammar;
using Thimble.Models.Adapters;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Chat;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Scheduling;
using Thimble.Speculative;

namespace Thimble;

/// <summary>An open language model.</summary>
/// <example><code>
/// using var model = Model.Open("qwen3-0.6b-q4_0.gguf");
/// await foreach (string text in model.Generate("Once upon a time"))
///     Console.Write(text);
/// </code></example>
public sealed class Model : IDisposable
{
    private const int KeptTexts = 16;

    private readonly Decoder _decoder;
    private readonly Team _team;
    private readonly StatePool _states;
    private readonly StatePool? _read, _reading;   // of texts that an encoder has read, and while it reads
    private readonly IRegionOwner[] _owners;   // of the weights
    private readonly LayerStream? _stream;
    private readonly Lazy<Sight?> _sight;
    private bool _disposed;

    private Model(ModelFile file, ModelOptions options, Team team, TimeProvider time, LayerStream? stream)
    {
        long start = time.GetTimestamp();
        (File, Time, _team, _stream) = (file, time, team, stream);
        ContextLength = ContextOf(file, options);
        Tokenizer = Tokenizer.From(file.Metadata);
        var opening = new Opening(options.Exact ? Precision.Floats : Precision.Bytes, options.Packed ? team : null);
        _decoder = stream?.Decoder ?? Architectures.Build(new Blueprint(file, opening) { Context = ContextLength });
        ChatTemplate = (options.ChatTemplate ?? file.Metadata.FindText("tokenizer.chat_template")) is { } template ? ChatTemplate.Parse(template) : null;
        DefaultSampling = RecommendedSampling.Read(file);
        VocabularySize = Math.Min(
            _decoder.Head?.Vocabulary ?? int.MaxValue, Tokenizer.VocabularySize > 0 ? Tokenizer.VocabularySize : int.MaxValue);

        // What looks ahead keeps keys for one run only: they cost little and may as well be exact.
        var cell = CellFormat.Named(_decoder.LooksAhead ? "F32" : options.CacheFormat);
        using (var measure = new StatePool(_decoder.States, 0, cell))
            CacheBytesPerToken = measure.BytesPerToken;
        _states = new StatePool(_decoder.States, options.CacheTokens ?? Affordable(), cell);
        if (_decoder.Reader is { } reader)
        {
            _read = new StatePool(reader.States, options.CacheTokens ?? Affordable(), cell);
            _reading = new StatePool(reader.Encoder.States, options.CacheTokens ?? Affordable(), CellFormat.Named("F32"));
        }

        Saved = new SessionFile(this, _states, $"context {ContextLength}, cache {cell.Name}, exact {options.Exact}");
        Grammars = new Grammars(Tokenizer, VocabularySize);
        Likelihood = new TextLikelihood(this, _decoder, _states);
        Embedder = new Embedder(this, _decoder.Reader?.Encoder ?? _decoder, _reading ?? _states, options.PrefillChunk);
        _owners = [.. _decoder.Weights.Append(_decoder.Embedding.Table).Select(weight => weight.Blocks.Owner).Distinct()];
        WeightBytesPerToken = _decoder.BytesPerToken;
        _sight = new(() => (options.Projector ?? Sight.Beside(file, Width)) is { } projector ? new Sight(this, projector, opening) : null);
        Drafting = Drafting.Open(options, this, _decoder, _states, team, stream);
        Engine = new Engine(this, _decoder, team, new Batcher(_states, KeptBlocks(options.PrefixTokens), new(
            options.PrefillChunk, Math.Min(options.PrefillChunk, options.MixedChunk), options.MaxSequences)));
        if (options.UnifiedSoftmax && CacheBytesPerToken > 0 && !IsEncoderDecoder)
            SoftmaxCalibration.Of(this);
        if (options.Projector is not null)
            _ = _sight.Value;   // so that a wrong one is refused now
        LoadTime = time.GetElapsedTime(start);
    }

    /// <summary>The model's own name, or its architecture's where it has none.</summary>
    public string Name => File.Metadata.FindText("general.name") ?? File.Architecture;

    /// <summary>The file it came from: metadata and tensors.</summary>
    public ModelFile File { get; }

    /// <summary>Text to tokens and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How the model wants conversations written; null for a model that only continues text.</summary>
    public ChatTemplate? ChatTemplate { get; }

    /// <summary>How tokens are chosen where a generation's options do not say: as the file recommends (<c>general.sampling.*</c>, or
    /// <c>generation_config.json</c> of a Hugging Face folder), and llama.cpp's defaults where it says nothing.</summary>
    public SamplingOptions DefaultSampling { get; }

    /// <summary>The most tokens of one sequence.</summary>
    public int ContextLength { get; }

    /// <summary>Tokens it can generate: those it scores and its vocabulary names.</summary>
    public int VocabularySize { get; }

    /// <summary>How long opening took.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>Whether an encoder reads a prompt first (T5), so that what is written is an answer and not its continuation.</summary>
    public bool IsEncoderDecoder => _decoder.Reader is not null;

    /// <summary>Whether it sees images: a projector was named when it was opened, or one that fits lies beside its file.</summary>
    /// <exception cref="InvalidDataException">The projector is damaged, or another model's.</exception>
    public bool TakesImages => _sight.Value is not null;

    /// <summary>What it sees with.</summary>
    /// <exception cref="NotSupportedException">It has none.</exception>
    internal Sight Sight => _sight.Value ?? throw new NotSupportedException(
        $"'{Name}' ({File.Architecture}) sees no images: it was opened without a projector, and none that fits lies beside '{File.Path}'. "
        + "Put the model's mmproj file there, or name it: ModelOptions.Projector, or 'thimble run --mmproj FILE'.");

    /// <summary>The token that begins what an encoder-decoder model writes.</summary>
    internal int StartOfAnswer => _decoder.Reader!.Start;

    /// <summary>Features of a token's vector.</summary>
    internal int Width => _decoder.Embedding.Width;

    internal Embedder Embedder { get; }

    /// <summary>How likely it finds given texts.</summary>
    internal TextLikelihood Likelihood { get; }

    /// <summary>Whether a projector is there for it; unlike <see cref="TakesImages"/> it opens none.</summary>
    internal bool HasProjector => _sight.IsValueCreated ? _sight.Value is not null : Sight.Beside(File, Width) is not null;

    /// <summary>Saves sessions and brings them back.</summary>
    internal SessionFile Saved { get; }

    /// <summary>Whether it was closed.</summary>
    internal bool IsClosed => _disposed;

    /// <summary>The formats it was asked for, compiled.</summary>
    internal Grammars Grammars { get; }

    internal TimeProvider Time { get; }

    internal Engine Engine { get; }

    /// <summary>How texts are drafted; null for one token after the other.</summary>
    internal Drafting? Drafting { get; }

    internal long WeightBytesPerToken { get; }

    internal long CacheBytesPerToken { get; }

    /// <summary>Opens a model: a GGUF file, a Hugging Face folder, or another kind that Thimble reads.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How it is opened.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or contradicts itself; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">This build does not know its architecture or a format; the message lists what it knows.</exception>
    public static Model Open(string path, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(ModelFile.Open(path), options);
    }

    /// <summary>Opens the small story model that comes with Thimble.</summary>
    /// <param name="options">How it is opened.</param>
    public static Model OpenDefault(ModelOptions? options = null) => Open(DefaultModel.Open(), options);

    /// <summary>Continues a text in a session of its own.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="options">What to generate, and when to stop.</param>
    /// <param name="cancellationToken">Ends the generation within one step.</param>
    /// <returns>The running generation: enumerate it for the text.</returns>
    /// <exception cref="CapacityException">The prompt does not fit the context; it is never cut.</exception>
    public Generation Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        CreateSession(disposedByGeneration: true).Generate(prompt, options, cancellationToken);

    /// <summary>Loads an adapter for this model: a LoRA or control vector in a GGUF file, or a folder as Hugging Face PEFT writes it.</summary>
    /// <param name="path">The file or folder.</param>
    /// <returns>The adapter; name it in <see cref="GenerationOptions.Adapters"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is damaged or was made for another model; the message names tensor and shapes.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that this build does not know.</exception>
    public Adapter LoadAdapter(string path) => Adapter.Open(path, this);

    /// <summary>Writes a conversation, images in it too, as this model wants it.</summary>
    /// <param name="turns">What was said, oldest first; images are parts of contents.</param>
    /// <param name="options">What the chat template is rendered with; the texts of the tokens that begin and end a text are filled in where they are empty.</param>
    /// <returns>The prompt, for <see cref="Session.Continue(Prompt, GenerationOptions?, CancellationToken)"/>.</returns>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    /// <exception cref="NotSupportedException">There is an image, and the model sees none, or its kind is unknown.</exception>
    /// <exception cref="CapacityException">An image has too many pixels.</exception>
    public Prompt CreatePrompt(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(turns);
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= new();
        return new PromptComposer(this).Compose(turns, options with
        {
            BeginText = options.BeginText.Length > 0 ? options.BeginText : ChatPrompt.TextOf(this, Tokenizer.BeginOfText),
            EndText = options.EndText.Length > 0 ? options.EndText : ChatPrompt.TextOf(this, Tokenizer.EndOfText),
        }).Prompt;
    }

    /// <summary>Lets all tenants share what is computed of a text's beginning, such as a system prompt that all of them use.</summary>
    /// <param name="text">The text, as prompts begin with it; special tokens in it are read as such.</param>
    /// <remarks>Whole blocks of 64 tokens are shared; who asks first still computes them. Whether somebody has used the text lately can then
    /// be told from the time a prompt takes, by any tenant.</remarks>
    public void SharePrefix(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Engine.Declare(Tokenizer.Encode(text, addSpecial: true, parseSpecial: true));
    }

    /// <summary>Brings a session back that <see cref="Session.SaveAsync"/> wrote: nothing of it is computed again.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="tenant">Whose it is: prompts of this tenant that begin like it find it; null for all who name none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The session, with its tokens.</returns>
    /// <exception cref="InvalidDataException">The file is no saved session, is damaged or cut short, or was saved from another model, or from this one opened otherwise.</exception>
    /// <exception cref="CapacityException">The cache has no room for it.</exception>
    public async Task<Session> RestoreSessionAsync(Stream stream, string? tenant = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(this, await Saved.ReadAsync(stream, tenant ?? "", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Starts an empty session.</summary>
    public Session CreateSession() => CreateSession(disposedByGeneration: false);

    /// <summary>This model as Microsoft.Extensions.AI sees chat models. Disposing the client leaves the model open.</summary>
    public IChatClient AsChatClient() => new ChatClient(this);

    /// <summary>This model as Microsoft.Extensions.AI sees embedding models. Disposing the generator leaves the model open.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator() => new EmbeddingGenerator(this);

    /// <summary>Scores how well documents answer a query, if this model is a reranker.</summary>
    /// <param name="query">The query.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="cancellationToken">Ends the scoring between two runs.</param>
    /// <returns>A score for each document, in their order; greater is better. Their range is the model's own.</returns>
    /// <exception cref="NotSupportedException">The model is no reranker.</exception>
    /// <exception cref="CapacityException">Query and document together do not fit the context; they are never cut.</exception>
    /// <remarks>Query and document stand in one text, joined as the file says: by its rerank template, or by its separators.</remarks>
    public Task<float[]> RerankAsync(string query, IEnumerable<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(documents);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Task.Run(() => Reranking.Score(this, query, documents, cancellationToken), cancellationToken);
    }

    /// <summary>Ends all generations and closes the file.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        Engine.Dispose();
        if (_sight.IsValueCreated)
            _sight.Value?.Dispose();
        Drafting?.Dispose();
        _team.Dispose();
        _states.Dispose();
        _read?.Dispose();
        _reading?.Dispose();
        _stream?.Dispose();
        foreach (Weight weight in _stream is null ? _decoder.Weights.Append(_decoder.Embedding.Table) : [])
            weight.Dispose();
        File.Dispose();
    }

    internal static Model Open(ModelFile file, ModelOptions? options)
    {
        Team? team = null;
        LayerStream? stream = null;
        try
        {
            options ??= new();
            if (options.StreamMemory is { } layers)
                stream = new LayerStream(file, Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), layers, ContextOf(file, options), options.Exact ? Precision.Floats : Precision.Bytes);
            team = new Team(options.Threads ?? Cores.Best, pinned: true);
            return new(file, options, team, TimeProvider.System, stream);
        }
        catch
        {
            stream?.Dispose();
            team?.Dispose();
            file.Dispose();
            throw;
        }
    }

    private static int ContextOf(ModelFile file, ModelOptions options)
    {
        int length = options.ContextLength ?? (file.FindInt("context_length") is > 0 and var made ? made : 4096);
        return length >= 1 ? length : throw new ArgumentOutOfRangeException(nameof(options), length, "ContextLength must be at least 1.");
    }

    /// <summary>Throws if the file behind the weights has shrunk: reading on would end the process.</summary>
    internal void RequireUnchanged()
    {
        foreach (IRegionOwner owner in _owners)
            owner.Check();
    }

    /// <summary>What an adapter changes in this model.</summary>
    internal Adaptation Fit(AdapterFile file)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new AdapterFit(file, File, _decoder).Run();
    }

    /// <summary>DRY's breakers in this vocabulary; null if they are not asked for.</summary>
    internal DryBreakers? DryBreakers(SamplingOptions options) => options.Dry is { Multiplier: > 0 } dry
        ? Sampling.DryBreakers.Of(
            dry.SequenceBreakers, VocabularySize, id => Tokenizer.Decode([id], special: true), text => Tokenizer.Encode(text, addSpecial: false))
        : null;

    /// <summary>Lets the encoder read a sequence's prompt.</summary>
    internal void Read(Pass pass, Sequence sequence)
    {
        _decoder.Reader!.Read(pass, sequence.State, _read!, _reading!, sequence.Unread);
        sequence.Unread = null;
    }

    internal Sequence CreateSequence() => new(_states);

    private Session CreateSession(bool disposedByGeneration)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_decoder.Head is null || _decoder.LooksAhead)
        {
            string instead = Embedder.Ranks ? "scores documents: use RerankAsync, or 'thimble rerank'" : "turns texts into vectors: use AsEmbeddingGenerator, or 'thimble embed'";
            throw new NotSupportedException($"'{Name}' ({File.Architecture}) writes no text; it {instead}.");
        }

        return new Session(this, CreateSequence(), disposedByGeneration);
    }

    /// <summary>Blocks of tokens kept for later prompts: as many as asked for, or some contexts' worth.</summary>
    private int KeptBlocks(long? tokens)
    {
        const int block = KeyValueStore.PageTokens;
        long texts = KeptTexts * (long)ContextLength;   // the cache may be most of the machine's memory, which nobody gives away unasked
        long kept = tokens ?? (_states.KeepsKeys ? Math.Min((long)_states.Pages.Capacity * block / 4, texts) : texts);
        return (int)Math.Min((kept + block - 1) / block, int.MaxValue / 2);
    }

    private long Affordable()
    {
        long free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        return CacheBytesPerToken == 0 ? long.MaxValue / 2 : Math.Max(ContextLength, free / CacheBytesPerToken);
    }
}
