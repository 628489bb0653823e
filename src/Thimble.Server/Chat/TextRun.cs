namespace Thimble.Server.Chat;

/// <summary>A text that is continued as it stands, without a template.</summary>
/// <param name="session">Its session, which it disposes.</param>
/// <param name="generation">The running text.</param>
internal sealed class TextRun(Session session, Generation generation) : IAsyncDisposable
{
    /// <summary>The running text.</summary>
    public Generation Generation => generation;

    /// <summary>Begins one.</summary>
    public static TextRun Start(Model model, int[] tokens, GenerationOptions options, CancellationToken stop)
    {
        Session session = model.CreateSession();
        try
        {
            return new(session, session.Continue(tokens, options, stop));
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

    public async ValueTask DisposeAsync()
    {
        await generation.DisposeAsync().ConfigureAwait(false);
        session.Dispose();
    }
}
