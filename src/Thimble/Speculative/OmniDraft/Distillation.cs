using Thimble.Compute.Threads;
using Thimble.Models.Files;

namespace Thimble.Speculative;

/// <summary>Trains a drafting model on what its target said. What can train lies above this library and gives itself here.</summary>
internal abstract class Distillation : IDisposable
{
    private static Func<ModelFile, string, int, Team, Distillation>? s_trainer;

    /// <summary>The model as guesses are made with it; it changes when it has studied.</summary>
    public abstract DraftModel Model { get; }

    /// <summary>Bytes of the model, of what training it takes, and of what is to be learnt.</summary>
    public abstract long Bytes { get; }

    /// <summary>The most tokens of a lesson, but for those of the last token of the target.</summary>
    public const int LongestStretch = 64;

    /// <summary>Says who trains, once.</summary>
    /// <param name="begin">From a model, where it is to be written, the longest text and who computes.</param>
    public static void Trains(Func<ModelFile, string, int, Team, Distillation> begin) => s_trainer = begin;

    /// <summary>Makes a copy of a model that can be trained.</summary>
    /// <param name="file">The model; it is not needed afterwards.</param>
    /// <param name="output">Where it is written in the end.</param>
    /// <param name="context">The longest text.</param>
    /// <param name="team">Who computes.</param>
    /// <exception cref="NotSupportedException">Nothing that trains has been loaded, or the model cannot be trained.</exception>
    public static Distillation Begin(ModelFile file, string output, int context, Team team) => s_trainer is { } begin
        ? begin(file, output, context, team)
        : throw new NotSupportedException("LearntDraft asks for a drafter that learns, and nothing here can train: reference Thimble.Lab and call Thimble.Lab.Training.DraftLearning.Enable() first, or leave LearntDraft out.");

    /// <summary>Takes in what the target said; it is learnt when there is time.</summary>
    public abstract void Take(DraftLesson lesson);

    /// <summary>Learns a little of what has been taken in.</summary>
    /// <returns>Whether there was anything to learn.</returns>
    /// <exception cref="InvalidDataException">The loss became no number; the model is as it was.</exception>
    public abstract bool Study();

    /// <summary>Writes the model, and frees its memory.</summary>
    public abstract void Dispose();
}

/// <summary>A stretch of text as the drafter reads it, and what the target thought of what comes next.</summary>
/// <param name="Ids">The drafter's tokens, those before the stretch first.</param>
/// <param name="From">The first token that is to be foretold, at least 1.</param>
/// <param name="Probabilities">For each token from there on, the target's probabilities of the drafter's tokens, which sum to 1, shape [vocabulary]; or null
/// for one within a token of the target, which is to be foretold as it is.</param>
internal sealed record DraftLesson(int[] Ids, int From, IReadOnlyList<float[]?> Probabilities);
