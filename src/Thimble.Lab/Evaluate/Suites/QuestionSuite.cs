namespace Thimble.Lab.Evaluate;

/// <summary>A set of questions and how answers to them are graded.</summary>
internal abstract class QuestionSuite(string name, string summary, string folder, string origin) : Suite(name, summary, folder, origin)
{
    /// <summary>Reads the questions; rows that cannot be used are noted in the set.</summary>
    /// <param name="data">The set.</param>
    /// <param name="options">How many examples are shown, and the like.</param>
    public abstract IEnumerable<Question> Read(Corpus data, EvaluationOptions options);

    /// <summary>Checks that what the suite needs is there and allowed; nothing, as a rule.</summary>
    /// <exception cref="ArgumentException">It is not allowed.</exception>
    /// <exception cref="NotSupportedException">It is not there.</exception>
    public virtual void Allow(EvaluationOptions options)
    {
    }

    /// <summary>Whether answers are judged, or run, before they are graded.</summary>
    public virtual bool Reviews(EvaluationOptions options) => false;

    /// <summary>Judges or runs an answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The answer, without a fault.</param>
    /// <param name="judge">Who judges; null for nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What is kept with the answer for grading; null for nothing.</returns>
    public virtual Task<string?> ReviewAsync(Question question, Answer answer, IJudge? judge, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>Grades an answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The answer; one that has a fault is never given.</param>
    /// <returns>At least one grade, the main one first; the same metrics for each question of a group.</returns>
    public abstract IReadOnlyList<Grade> Mark(Question question, Answer answer);

    /// <summary>What answers without a model come to.</summary>
    /// <param name="questions">The questions asked.</param>
    /// <param name="seed">For what is drawn.</param>
    public abstract IEnumerable<Baseline> Baselines(IReadOnlyList<Question> questions, int seed);
}
