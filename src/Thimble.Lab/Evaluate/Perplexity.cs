namespace Thimble.Lab.Evaluate;

/// <summary>How much a text surprises a model: <c>exp(mean of −ln p(token))</c>.</summary>
/// <param name="Value">The perplexity: as unsure as among so many equal tokens.</param>
/// <param name="Error">Its standard error, as if losses were independent.</param>
/// <param name="Tokens">Tokens scored.</param>
/// <param name="Windows">Windows read.</param>
/// <remarks>
/// <para>The text is cut into windows that do not overlap, each read from an empty state with the first token replaced by the one that begins texts, where
/// the model wants one; the second half of each window is scored, so that each scored token has seen at least half a window.</para>
/// <para>Source: llama.cpp, <c>tools/perplexity</c>, whose definition this is, so that numbers can be compared.</para>
/// <para>With <see cref="WindowOptions.Stride"/> the windows overlap instead, each token of the text but the first is scored once, and the text's own
/// beginning is the only one marked. Source: Hugging Face transformers' documentation, "Perplexity of fixed-length models".</para>
/// </remarks>
public sealed record Perplexity(double Value, double Error, int Tokens, int Windows)
{
    /// <summary>Measures a model on a text.</summary>
    /// <param name="path">The model, as <see cref="Model.Open(string, ModelOptions)"/> takes it; null for the one inside the library.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">Windows and opening; those of 512 tokens if null.</param>
    /// <param name="progress">Told after each window, with what is known so far.</param>
    /// <param name="cancellationToken">Stops it after the window at hand.</param>
    /// <exception cref="ArgumentException">The text does not fill a window.</exception>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    /// <exception cref="NotSupportedException">This build does not know the model's architecture, or it only embeds.</exception>
    /// <remarks>Accuracy: losses are summed in 64 bits; the same bits at any number of threads.</remarks>
    public static Perplexity Measure(
        string? path, string text, WindowOptions? options = null, IProgress<WindowProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new();
        using var reader = new WindowReader(path, text, options);
        double sum = 0, squares = 0;
        int count = 0;
        for (int window = 0; window < reader.Count; window++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] losses = new double[reader.Scored(window)];
            reader.Read(window, losses);
            count += losses.Length;
            foreach (double loss in losses)
                (sum, squares) = (sum + loss, squares + (loss * loss));
            progress?.Report(new(window + 1, reader.Count));
        }

        double mean = sum / count, variance = Math.Max(0, (squares / count) - (mean * mean)), value = Math.Exp(mean);
        return new(value, count > 1 ? value * Math.Sqrt(variance / (count - 1)) : 0, count, reader.Count);
    }
}
