using System.Globalization;
using Thimble.Models.Files;

namespace Thimble.Lab.Evaluate;

/// <summary>Measures how good a model is, by questions with known answers and by texts.</summary>
public static class Evaluation
{
    /// <summary>The suites: name and what each measures.</summary>
    public static IReadOnlyDictionary<string, string> Suites { get; } =
        Evaluate.Suites.All.ToDictionary(suite => suite.Name, suite => suite.Summary, StringComparer.Ordinal);

    /// <summary>Evaluates a model.</summary>
    /// <param name="path">The model, as <see cref="Model.Open(string, ModelOptions)"/> takes it; null for the one inside the library.</param>
    /// <param name="options">Suites, data, and how they are asked.</param>
    /// <param name="progress">Told after each answer or window.</param>
    /// <param name="cancellationToken">Stops it after the step at hand; what was answered stays in the journal.</param>
    /// <returns>What was found, with intervals, baselines, hashes of the data and rows that could not be used.</returns>
    /// <exception cref="ArgumentException">A suite is unknown, or answers of another run are in the way.</exception>
    /// <exception cref="DirectoryNotFoundException">A suite's data is not there; the message says where it comes from.</exception>
    /// <exception cref="FileNotFoundException">A file of it, or a model, is not there.</exception>
    /// <exception cref="InvalidDataException">A model is damaged.</exception>
    /// <exception cref="NotSupportedException">A model's architecture is unknown, or it does not do what a suite asks.</exception>
    /// <remarks>
    /// <para>Accuracy: the same answers at any number of threads and any batch size; the likeliest token is always taken.</para>
    /// <para>Questions that do not fit the model's context are named and counted, never cut.</para>
    /// </remarks>
    public static async Task<EvaluationResult> RunAsync(
        string? path, EvaluationOptions options, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Suite[] suites = [.. options.Suites.Select(Evaluate.Suites.Named)];
        if (suites.Length == 0)
            throw new ArgumentException($"No suite is named; known: {string.Join(", ", Suites.Keys)}.", nameof(options));

        // Data first: what is missing is said before a model is opened.
        Sitting[] sittings = [.. suites.Select(suite => new Sitting(suite, options))];
        (EvaluatedModel model, EvaluatedModel? reference) = Describe(path, options);
        using var journal = new Journal(options.Output, options.Resume, Name(model, reference, options));
        using (var candidate = new Candidate(path, options))
        {
            foreach (Sitting sitting in sittings)
                await sitting.AskAsync(candidate, "model", journal, progress, cancellationToken).ConfigureAwait(false);
        }

        if (options.Reference is not null)
        {
            using var candidate = new Candidate(options.ReferencePath, options);
            foreach (Sitting sitting in sittings)
                await sitting.AskAsync(candidate, "reference", journal, progress, cancellationToken).ConfigureAwait(false);
        }

        if (sittings.Any(sitting => sitting.Reviews))
        {
            using var jury = new Jury(options);
            foreach (Sitting sitting in sittings)
                await sitting.ReviewAsync(jury, journal, progress, cancellationToken).ConfigureAwait(false);
        }

        List<SuiteResult> results = [];
        foreach (Sitting sitting in sittings)
            results.Add(await sitting.ResultAsync(path, journal, progress, cancellationToken).ConfigureAwait(false));
        var result = new EvaluationResult(model, reference, options.Seed, options.Limit, typeof(Evaluation).Assembly.GetName().Version!.ToString(3), results);
        if (options.Output is not null)
            await File.WriteAllTextAsync(options.Output, result.ToJson(), cancellationToken).ConfigureAwait(false);
        return result;
    }

    private static (EvaluatedModel Model, EvaluatedModel? Reference) Describe(string? path, EvaluationOptions options)
    {
        return (Of(path), options.Reference is null ? null : Of(options.ReferencePath));

        static EvaluatedModel Of(string? path)
        {
            using ModelFile file = path is null ? DefaultModel.Open() : ModelFile.Open(path);
            return EvaluatedModel.Of(file);
        }
    }

    /// <summary>What must be the same for answers to be taken over.</summary>
    private static string Name(EvaluatedModel model, EvaluatedModel? reference, EvaluationOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{model.Name} ({model.Format}, {model.Bytes} bytes) against {reference?.Name ?? "nothing"}, limit {options.Limit?.ToString(CultureInfo.InvariantCulture) ?? "none"}, shots {options.Shots?.ToString(CultureInfo.InvariantCulture) ?? "usual"}, cache {options.Opening.CacheFormat}{(options.Opening.Exact ? ", exact" : "")}");
}
