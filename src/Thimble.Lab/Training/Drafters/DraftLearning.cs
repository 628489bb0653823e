using Thimble.Speculative;

namespace Thimble.Lab.Training;

/// <summary>Lets smaller models that guess for larger ones learn from what those say.</summary>
public static class DraftLearning
{
    /// <summary>From now on models opened with <see cref="ModelOptions.LearntDraft"/> train their drafter while they have nothing else to do.</summary>
    public static void Enable() => Distillation.Trains(static (file, output, context, team) => new StreamDistillation(file, output, context, team));
}
