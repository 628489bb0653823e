namespace Thimble.Lab.Evaluate;

/// <summary>A suite answered by writing.</summary>
internal abstract class ExerciseSuite(string name, string summary, string folder, string origin) : QuestionSuite(name, summary, folder, origin)
{
    /// <summary>Answers that need no model.</summary>
    protected virtual IEnumerable<(string Name, Func<Exercise, string> Answer)> Mindless => [("empty", _ => "")];

    /// <summary>Grades what was written to an exercise.</summary>
    /// <param name="exercise">The exercise.</param>
    /// <param name="answer">What was written.</param>
    protected abstract IReadOnlyList<Grade> Mark(Exercise exercise, Answer answer);

    public sealed override IReadOnlyList<Grade> Mark(Question question, Answer answer) => Mark((Exercise)question, answer);

    public override IEnumerable<Baseline> Baselines(IReadOnlyList<Question> questions, int seed)
    {
        foreach ((string name, Func<Exercise, string> answer) in Mindless)
            yield return new(name, questions.Cast<Exercise>().Average(exercise => Mark(exercise, Said(exercise, answer(exercise)))[0].Value));
    }

    private static Answer Said(Exercise exercise, string text) => new(exercise.Id) { Replies = [.. exercise.Turns.Select(_ => text)] };
}
