using System.Diagnostics;

namespace Thimble.Lab.Evaluate;

/// <summary>One suite put before models.</summary>
internal sealed class Sitting
{
    private readonly Suite _suite;
    private readonly EvaluationOptions _options;
    private readonly Corpus _data;
    private readonly IReadOnlyList<Question> _questions;
    private readonly Stopwatch _clock = new();

    /// <summary>Reads a suite's questions and chooses those to ask.</summary>
    public Sitting(Suite suite, EvaluationOptions options)
    {
        (_suite, _options) = (suite, options);
        _data = suite.Open(options.DataFolder);
        _questions = [];
        if (suite is QuestionSuite asked)
        {
            asked.Allow(options);
            _questions = Spread([.. asked.Read(_data, options)], options.Limit);
        }
    }

    /// <summary>Whether answers are judged or run.</summary>
    public bool Reviews => _suite is QuestionSuite asked && asked.Reviews(_options);

    /// <summary>Puts the questions that have no answer yet.</summary>
    public async Task AskAsync(Candidate candidate, string role, Journal journal, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, Answer> known = journal.Of(role, _suite.Name);
        Question[] open = [.. _questions.Where(question => !known.ContainsKey(question.Id))];
        if (open.Length == 0)
            return;

        if (role == "model")
            _clock.Start();
        await candidate.AnswerAsync(open, answer =>
        {
            journal.Add(role, _suite.Name, answer);
            progress?.Report(new(_suite.Name, known.Count, _questions.Count));
        }, cancellation).ConfigureAwait(false);
        _clock.Stop();
    }

    /// <summary>Lets those answers be judged, or run, that have not been.</summary>
    public async Task ReviewAsync(Jury jury, Journal journal, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        if (!Reviews)
            return;
        foreach (string role in _options.Reference is null ? ["model"] : (string[])["model", "reference"])
        {
            IReadOnlyDictionary<string, Answer> answers = journal.Of(role, _suite.Name);
            int done = 0;
            foreach (Question question in _questions)
            {
                progress?.Report(new(_suite.Name, ++done, _questions.Count));
                if (!answers.TryGetValue(question.Id, out Answer? answer) || answer.Fault is not null || answer.Review is not null)
                    continue;
                string? review = await ((QuestionSuite)_suite).ReviewAsync(question, answer, jury.Judge, cancellation).ConfigureAwait(false);
                journal.Add(role, _suite.Name, answer with { Review = review });
            }
        }
    }

    /// <summary>The figures.</summary>
    public async Task<SuiteResult> ResultAsync(string? path, Journal journal, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        if (_suite is QuestionSuite asked)
        {
            IReadOnlyDictionary<string, Answer>? reference = _options.Reference is null ? null : journal.Of("reference", _suite.Name);
            return new Tally(asked, _questions, _options.Seed).Result(journal.Of("model", _suite.Name), reference, _data, _clock.Elapsed.TotalSeconds);
        }

        _clock.Start();
        IReadOnlyList<Metric> metrics = await Task.Run(() => ((TextSuite)_suite).Measure(_data, path, _options, new Windows(_suite.Name, progress), cancellation), cancellation)
            .ConfigureAwait(false);
        return new(_suite.Name, _suite.Method, 0, metrics, [], [], null, [], _data.Broken, _data.Files, Math.Round(_clock.Elapsed.TotalSeconds, 2));
    }

    /// <summary>As many as asked for, evenly from all, so that no subject is left out for standing last.</summary>
    private static IReadOnlyList<Question> Spread(IReadOnlyList<Question> all, int? limit) => limit is { } count && count < all.Count
        ? [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)])]
        : all;

    private sealed class Windows(string suite, IProgress<EvaluationProgress>? progress) : IProgress<WindowProgress>
    {
        public void Report(WindowProgress value) => progress?.Report(new(suite, value.Window, value.Windows));
    }
}
