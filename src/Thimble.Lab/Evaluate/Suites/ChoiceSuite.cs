using System.Globalization;

namespace Thimble.Lab.Evaluate;

/// <summary>A suite of choices, graded by which option the model finds likeliest.</summary>
/// <remarks>
/// <para><c>acc</c> takes the option with the greatest <c>ln p(option | context)</c>, <c>acc_norm</c> the one with the greatest <c>ln p</c> per
/// character of the option, so that long ones are not at a disadvantage.</para>
/// <para>Source: EleutherAI, lm-evaluation-harness, whose two metrics of these names these are.</para>
/// </remarks>
internal abstract class ChoiceSuite(string name, string summary, string folder, string origin) : QuestionSuite(name, summary, folder, origin)
{
    public override string Method => "acc: likeliest option; acc_norm: likeliest per character of the option, as lm-evaluation-harness has both.";

    /// <summary>Which of the two metrics is the one commonly reported, and so the first.</summary>
    protected virtual bool Normalised => false;

    public override IReadOnlyList<Grade> Mark(Question question, Answer answer)
    {
        var choice = (Choice)question;
        double[] found = answer.LogLikelihoods!;
        double[] perCharacter = [.. found.Select((value, i) => value / Math.Max(1, Length(choice.Options[i].Text.TrimStart())))];
        var plain = new Grade("acc", Best(found) == choice.Answer ? 1 : 0);
        var normalised = new Grade("acc_norm", Best(perCharacter) == choice.Answer ? 1 : 0);
        return Normalised ? [normalised, plain] : [plain, normalised];
    }

    public override IEnumerable<Baseline> Baselines(IReadOnlyList<Question> questions, int seed)
    {
        Choice[] choices = [.. questions.OfType<Choice>()];
        if (choices.Length == 0)
            yield break;
        yield return new("random", choices.Average(choice => 1.0 / choice.Options.Count));
        (int position, int count) = choices.CountBy(choice => choice.Answer).MaxBy(pair => (pair.Value, -pair.Key));
        yield return new(string.Create(CultureInfo.InvariantCulture, $"always option {position + 1}"), (double)count / choices.Length);
        yield return new("longest option", choices.Average(choice => Longest(choice) == choice.Answer ? 1.0 : 0));
    }

    /// <summary>Characters, not the 16-bit units that some take two of.</summary>
    private static int Length(string text) => text.EnumerateRunes().Count();

    // The option's own words differ in one place only where contexts differ (WinoGrande), so both count.
    private static int Longest(Choice choice) => choice.Listed is { } texts
        ? Best([.. texts.Select(text => (double)text.Length)])
        : Best([.. choice.Options.Select(option => (double)option.Context.Length + option.Text.Length)]);

    private static int Best(ReadOnlySpan<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            best = values[i] > values[best] ? i : best;
        return best;
    }
}
