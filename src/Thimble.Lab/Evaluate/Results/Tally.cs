namespace Thimble.Lab.Evaluate;

/// <summary>From questions and answers to a suite's figures.</summary>
/// <param name="suite">Who grades.</param>
/// <param name="questions">The questions asked.</param>
/// <param name="seed">For what is drawn.</param>
internal sealed class Tally(QuestionSuite suite, IReadOnlyList<Question> questions, int seed)
{
    /// <summary>The figures.</summary>
    /// <param name="answers">The model's answers, by question.</param>
    /// <param name="reference">The reference's; null for none.</param>
    /// <param name="data">What was read.</param>
    /// <param name="seconds">How long answering took.</param>
    public SuiteResult Result(IReadOnlyDictionary<string, Answer> answers, IReadOnlyDictionary<string, Answer>? reference, Corpus data, double seconds)
    {
        IReadOnlyList<Marked> marked = [.. Mark(answers)];
        IReadOnlyDictionary<string, double>? kept = reference is null ? null : Mark(reference).ToDictionary(item => item.Question.Id, item => item.Grades[0].Value, StringComparer.Ordinal);
        GroupResult[] groups = [.. marked.GroupBy(item => item.Question.Group).Where(group => group.Key.Length > 0).Select(group => Part(group.Key, [.. group], kept))];
        Metric[] metrics = [.. marked.SelectMany(item => item.Grades).Select(grade => grade.Metric).Distinct().Select(name => Figure(name, marked))];
        Baseline[] baselines = marked.Count == 0 ? [] : [.. suite.Baselines([.. marked.Select(item => item.Question)], seed)];
        return new(
            suite.Name, suite.Method, questions.Count, metrics, baselines, groups, kept is null ? null : Kept(marked, kept),
            [.. Unanswered(answers)], data.Broken, data.Files, Math.Round(seconds, 2));
    }

    private IEnumerable<Marked> Mark(IReadOnlyDictionary<string, Answer> answers)
    {
        foreach (Question question in questions)
        {
            if (answers.TryGetValue(question.Id, out Answer? answer) && answer.Fault is null)
                yield return new(question, suite.Mark(question, answer));
        }
    }

    private IEnumerable<Unanswered> Unanswered(IReadOnlyDictionary<string, Answer> answers)
    {
        foreach (Question question in questions)
        {
            if (!answers.TryGetValue(question.Id, out Answer? answer) || answer.Fault is not null)
                yield return new(question.Id, answer?.Fault ?? "not asked");
        }
    }

    private GroupResult Part(string name, IReadOnlyList<Marked> marked, IReadOnlyDictionary<string, double>? kept) => new(
        name, Figure(marked[0].Grades[0].Metric, marked), [.. suite.Baselines([.. marked.Select(item => item.Question)], seed)],
        kept is null ? null : Kept(marked, kept));

    private Metric Figure(string name, IReadOnlyList<Marked> marked)
    {
        double[] values = [.. marked.SelectMany(item => item.Grades).Where(grade => grade.Metric == name).Select(grade => grade.Value)];
        double mean = values.Average();
        if (Array.TrueForAll(values, value => value is 0 or 1))
        {
            var wilson = Interval.Wilson(values.Count(value => value == 1), values.Length);
            return new(name, mean, wilson.Low, wilson.High, values.Length, "Wilson");
        }

        var drawn = Interval.Bootstrap(values.Length, indices => indices.Average(i => values[i]), seed);
        return new(name, mean, drawn.Low, drawn.High, values.Length, "bootstrap");
    }

    private Retention? Kept(IReadOnlyList<Marked> marked, IReadOnlyDictionary<string, double> reference)
    {
        (double Ours, double Theirs)[] pairs =
        [
            .. marked.Where(item => reference.ContainsKey(item.Question.Id)).Select(item => (item.Grades[0].Value, reference[item.Question.Id])),
        ];
        if (pairs.Length == 0)
            return null;

        double theirs = pairs.Average(pair => pair.Theirs);
        if (theirs == 0)
            return new(0, null, null, null, pairs.Length);
        var interval = Interval.Bootstrap(pairs.Length, drawn => drawn.Sum(i => pairs[i].Ours) / drawn.Sum(i => pairs[i].Theirs), seed);
        return new(theirs, pairs.Average(pair => pair.Ours) / theirs, interval.Low, interval.High, pairs.Length);
    }

    private readonly record struct Marked(Question Question, IReadOnlyList<Grade> Grades);
}
