using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Speculative;

/// <summary>How a model's texts are drafted: what all of them share.</summary>
internal sealed class Drafting : IDisposable
{
    private readonly DraftSource _source;
    private readonly DraftPace _pace;

    private Drafting(DraftSource source, TimeProvider time, bool always)
    {
        _source = source;
        _pace = new(source.Cost, time) { Most = source.Most, IsFixed = always };
    }

    /// <summary>Rows of the latest step.</summary>
    public int StepRows { get; private set; }

    /// <summary>Why the drafting model no longer learns; null while it does, or was never asked to.</summary>
    public string? LearningFault { get; private set; }

    /// <summary>Opens what a model's options ask for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="model">The model.</param>
    /// <param name="decoder">Its layers.</param>
    /// <param name="states">What it keeps of texts.</param>
    /// <param name="team">Who computes.</param>
    /// <param name="stream">Its layers as they arrive from disk; null where they are in memory.</param>
    /// <returns>Null for no drafts.</returns>
    /// <exception cref="ArgumentException">What is asked for contradicts itself.</exception>
    /// <exception cref="FileNotFoundException">There is no such drafter.</exception>
    /// <exception cref="CapacityException">The budget is below what drafting takes.</exception>
    /// <exception cref="NotSupportedException">The drafting model has no text in common with this one, continues no texts, or cannot learn.</exception>
    public static Drafting? Open(ModelOptions options, Model model, Decoder decoder, StatePool states, Team team, LayerStream? stream = null) =>
        new DraftOpening(options, model, decoder, states, team, stream).Open() is { } source ? new(source, model.Time, options.DraftsAlways) : null;

    /// <summary>Begins to draft for a text, or goes on with it.</summary>
    public Speculation Begin(Sequence sequence)
    {
        if (sequence.Companion is not Drafter drafter)
            sequence.Companion = drafter = _source.Create();
        return new(drafter, _pace, ownsDrafter: false);
    }

    /// <summary>Learns what a step cost.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="time">How long it took.</param>
    /// <param name="writes">Whether it held no prompts.</param>
    public void Observe(int rows, TimeSpan time, bool writes)
    {
        StepRows = rows;
        if (!writes)
            return;
        lock (_pace)
            _pace.Cost.Take(rows, time.TotalSeconds);
    }

    /// <summary>Lets the drafting model learn a little, while nothing else is to be computed.</summary>
    /// <returns>Whether there was anything to learn.</returns>
    public bool Study()
    {
        if (_source.Distillation is not { } distillation || LearningFault is not null)
            return false;
        try
        {
            return distillation.Study();
        }
        catch (InvalidDataException fault)
        {
            LearningFault = fault.Message;   // texts go on: a drafter that no longer learns still guesses
            return false;
        }
    }

    /// <summary>Closes the drafting model; what it learnt is written where it was asked to be.</summary>
    public void Dispose() => _source.Owned?.Dispose();
}
