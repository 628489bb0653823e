namespace Thimble.Lab.Evaluate;

/// <summary>A suite that measures a model on a running text instead of asking it.</summary>
internal abstract class TextSuite(string name, string summary, string folder, string origin) : Suite(name, summary, folder, origin)
{
    /// <summary>Measures.</summary>
    /// <param name="data">The text's folder.</param>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="options">Windows, opening, reference.</param>
    /// <param name="progress">Told after each window.</param>
    /// <param name="cancellation">Stops it after the window at hand.</param>
    public abstract IReadOnlyList<Metric> Measure(
        Corpus data, string? path, EvaluationOptions options, IProgress<WindowProgress> progress, CancellationToken cancellation);

    /// <summary>How the text is cut.</summary>
    protected static WindowOptions Windows(EvaluationOptions options) =>
        new() { Length = options.WindowLength, Stride = options.Stride, Limit = options.Limit, Opening = options.Opening };
}
