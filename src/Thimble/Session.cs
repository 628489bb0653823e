using Thimble.Adapters;
using Thimble.Models.Blocks;
using Thimble.Scheduling;

namespace Thimble;

/// <summary>One conversation or text with a model: it remembers its tokens and what the model computed of them.</summary>
/// <remarks>One generation at a time runs in a session; sessions of one model run side by side.</remarks>
public sealed class Session : IDisposable
{
    private readonly Model _model;
    private readonly bool _disposedByGeneration;
    private bool _disposed;
    private int _lead;   // rows that adapters put before the first token; nobody outside counts them

    internal Session(Model model, Sequence sequence, bool disposedByGeneration = false)
    {
        (_model, Sequence, _disposedByGeneration) = (model, sequence, disposedByGeneration);
    }

    /// <summary>Tokens so far, prompt and generated.</summary>
    public int Length => Sequence.Length - _lead;

    /// <summary>The tokens so far.</summary>
    /// <returns>A copy; below 0 where an image stands.</returns>
    public int[] Tokens() => Told.ToArray();

    internal Sequence Sequence { get; }

    /// <summary>The tokens so far, without the rows that adapters put before them.</summary>
    private ReadOnlySpan<int> Told => Sequence.Tokens[_lead..];

    /// <summary>The generation now running in it, if any.</summary>
    internal Generation? Running { get; set; }

    /// <summary>Adds text and goes on writing.</summary>
    /// <param name="prompt">The text to add; it may be empty if the session is not.</param>
    /// <param name="options">What to generate, and when to stop.</param>
    /// <param name="cancellationToken">Ends the generation within one step.</param>
    /// <returns>The running generation.</returns>
    /// <exception cref="CapacityException">The text does not fit the context; nothing has been added.</exception>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    public Generation Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new();
        int[] tokens = _model.Tokenizer.Encode(prompt, addSpecial: Length == 0 || _model.IsEncoderDecoder, options.ParseSpecial);
        return Start(_model.IsEncoderDecoder ? 0 : Length, tokens, options, cancellationToken);
    }

    /// <summary>Goes on from exactly these tokens: what the session shares with them is kept, the rest of it is forgotten.</summary>
    /// <param name="tokens">The whole text so far, at least one token.</param>
    /// <param name="options">What to generate, and when to stop.</param>
    /// <param name="cancellationToken">Ends the generation within one step.</param>
    /// <returns>The running generation.</returns>
    /// <exception cref="CapacityException">The tokens do not fit the context; the session is as it was.</exception>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    public Generation Continue(ReadOnlySpan<int> tokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_model.IsEncoderDecoder)
            return Start(0, tokens, options ?? new(), cancellationToken);

        if (tokens.ContainsAnyInRange(int.MinValue, -1))
            throw new ArgumentException("A token id is below 0: images stand there, which only a Prompt holds.", nameof(tokens));

        // The last token is computed again in any case: its outcome is what comes next.
        int shared = Math.Min(Told.CommonPrefixLength(tokens), Math.Max(0, tokens.Length - 1));
        return Start(shared, tokens[shared..], options ?? new(), cancellationToken);
    }

    /// <summary>Goes on from exactly this prompt, as from its tokens; what the session shares with it, images too, is kept.</summary>
    /// <param name="prompt">The whole text so far, and its images.</param>
    /// <param name="options">What to generate, and when to stop.</param>
    /// <param name="cancellationToken">Ends the generation within one step.</param>
    /// <returns>The running generation.</returns>
    /// <exception cref="CapacityException">The prompt does not fit the context; the session is as it was.</exception>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    public Generation Continue(Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ReadOnlySpan<int> tokens = prompt.Ids;
        if (prompt.Inserts.IsEmpty)
            return Continue(tokens, options, cancellationToken);
        if (prompt.Inserts.Width != _model.Width)
            throw new ArgumentException($"The prompt's images have {prompt.Inserts.Width} features; '{_model.Name}' takes {_model.Width}. Make the prompt with this model.", nameof(prompt));

        int shared = Math.Min(Told.CommonPrefixLength(tokens), tokens.Length - 1);
        if (prompt.Inserts.TryFind(shared, out Insert parted))
            shared = parted.Start;
        return Start(shared, tokens[shared..], options ?? new(), cancellationToken, prompt.Inserts.From(shared));
    }

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    /// <param name="length">Tokens to keep, in [0, <see cref="Length"/>].</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside of that, or within an image whose vectors see one another.</exception>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    public void RollBack(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        RequireIdle();
        if (Sequence.Inserts.TryFind(length + _lead, out Insert cut) && cut.Rows.SeeOneAnother && cut.Start < length + _lead)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, $"{length} lies within an image whose vectors see one another; expected at most {cut.Start - _lead} or at least {cut.End - _lead}.");
        }

        Sequence.Truncate(length + _lead);
    }

    /// <summary>A second session that begins like this one; memory is shared until one of the two changes.</summary>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    public Session Fork()
    {
        RequireIdle();
        return new(_model, _model.Engine.Fork(Sequence)) { _lead = _lead };
    }

    /// <summary>Writes its tokens and what the model computed of them, for <see cref="Model.RestoreSessionAsync"/>.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="cancellationToken">Ends it; what was written is then of no use.</param>
    /// <exception cref="InvalidOperationException">A generation is running in this session.</exception>
    /// <exception cref="NotSupportedException">It holds images, went through adapters, or its model reads prompts with an encoder.</exception>
    /// <remarks>What other sessions took the memory of is computed again first. Generations of others go on meanwhile.</remarks>
    public async Task SaveAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        RequireIdle();
        if (Length == 0)
            throw new InvalidOperationException("The session is empty: there is nothing to save.");
        if (_model.IsEncoderDecoder || !Sequence.Inserts.IsEmpty || !Sequence.Adapters.IsNone)
        {
            throw new NotSupportedException($"{(_model.IsEncoderDecoder ? "A session of an encoder-decoder model" : Sequence.Inserts.IsEmpty ? "A session that went through adapters" : "A session with images")} cannot be saved; "
                + "known: texts that the model reads by itself.");
        }

        int length = Length;
        if (Sequence.State.Length < length - 1)
        {
            await Continue(Tokens(), new() { MaxTokens = 1, Tenant = Sequence.Tenant.Length == 0 ? null : Sequence.Tenant }, cancellationToken).TextAsync(cancellationToken).ConfigureAwait(false);
            RollBack(Math.Min(length, Length));
        }

        await _model.Saved.WriteAsync(Sequence, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends what runs in it and gives its memory back.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        Running?.Cancel();
        _model.Engine.Retire(Sequence);
    }

    private Generation Start(
        int keep, ReadOnlySpan<int> tokens, GenerationOptions options, CancellationToken cancellationToken, IEnumerable<Insert>? inserts = null)
    {
        RequireIdle();
        if (keep + tokens.Length == 0)
            throw new ArgumentException("The prompt is empty and the model's vocabulary has no token that begins a text.", nameof(tokens));
        SequenceLead lead = options.Adapters.Count == 0 ? SequenceLead.None : SequenceLead.Of(options.Adapters, _model);
        int length = lead.Ids.Length + keep + tokens.Length;
        if (length > _model.ContextLength)
        {
            throw new CapacityException(
                $"The prompt has {length} tokens; the context holds {_model.ContextLength}. " +
                "Shorten the prompt, or open the model with a longer context.",
                length, _model.ContextLength);
        }

        SequenceAdapters adapters = options.Adapters.Count == 0
            ? SequenceAdapters.None
            : SequenceAdapters.Of(options.Adapters, _model, [.. lead.Ids, .. Told[..keep], .. tokens]);
        if (options.Format is { } format)
            _model.Grammars.Of(format);   // compiled before anything changes, since it may be refused
        Sequence.Tenant = options.Tenant ?? "";
        Sequence.Truncate(keep + _lead);
        _lead = lead.Begin(Sequence, _lead);
        Sequence.Adapt(adapters);
        if (_model.IsEncoderDecoder)
        {
            Sequence.Unread = tokens.ToArray();
            Sequence.Append(_model.StartOfAnswer);
        }
        else
        {
            Sequence.Append(tokens, (inserts ?? []).Select(insert => insert with { Start = insert.Start + _lead }));
        }

        Running = new Generation(_model, this, options, cancellationToken, _disposedByGeneration);
        _model.Engine.Start(Running.Turn);
        return Running;
    }

    private void RequireIdle()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Running is { FinishReason: FinishReason.None })
            throw new InvalidOperationException("A generation is running in this session; await it, cancel it, or fork the session first.");
    }
}
