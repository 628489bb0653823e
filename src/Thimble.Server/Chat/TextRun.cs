namespace Thimble.Server.Chat;

/// <summary>A text that is continued as it stands, without a template.</summary>
/// <param name="session">Its session, which it disposes.</param>
/// <param name="generation">The running text.</param>
internal sealed class TextRun(Session session, Generation generation) : IAsyncDisposable
{
    private bool _released;

    /// <summary>The running text.</summary>
    public Generation Generation => generation;

    /// <summary>Begins one.</summary>
    public static TextRun Start(Model model, int[] tokens, GenerationOptions options, CancellationToken stop) => Start(model.CreateSession(), new(tokens), options, stop);

    /// <summary>Begins one in a session.</summary>
    public static TextRun Start(Session session, Prompt prompt, GenerationOptions options, CancellationToken stop)
    {
        try
        {
            return new(session, session.Continue(prompt, options, stop));
        }
        catch (Exception fault)
        {
            session.Dispose();
            if (FormatFields.Refused(options, fault) is { } refused)
                throw refused;
            throw;
        }
    }

    /// <summary>Reads it to its end.</summary>
    public async Task<(string Text, IReadOnlyList<GeneratedToken> Tokens)> WholeAsync(CancellationToken stop)
    {
        var text = new System.Text.StringBuilder();
        List<GeneratedToken> tokens = [];
        await foreach (GeneratedToken token in generation.Tokens(stop).ConfigureAwait(false))
        {
            text.Append(token.Text);
            if (token.Id >= 0)
                tokens.Add(token);
        }

        return (text.ToString(), tokens);
    }

    /// <summary>The session for what comes next, if this run has ended.</summary>
    /// <returns>The session, which is the caller's from now on; null for one that was cut off.</returns>
    public Session? Release()
    {
        _released = generation.FinishReason is not (FinishReason.None or FinishReason.Cancelled);
        return _released ? session : null;
    }

    public async ValueTask DisposeAsync()
    {
        await generation.DisposeAsync().ConfigureAwait(false);
        if (!_released)
            session.Dispose();
    }
}
