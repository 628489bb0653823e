using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;
using Thimble.Scheduling;

namespace Thimble.Speculative;

/// <summary>How a model's texts are drafted: what all of them share.</summary>
internal sealed class Drafting : IDisposable
{
    private readonly Func<Drafter> _create;
    private readonly DraftModel? _model;
    private readonly DraftPace _pace;

    private Drafting(Func<Drafter> create, DraftModel? model, int most, TimeProvider time)
    {
        (_create, _model) = (create, model);
        _pace = new(new PassCost(), time) { Most = most };
    }

    /// <summary>Rows of the latest step.</summary>
    public int StepRows { get; private set; }

    /// <summary>Opens what a model's options ask for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="model">The model.</param>
    /// <param name="decoder">Its layers.</param>
    /// <param name="states">What it keeps of texts.</param>
    /// <param name="team">Who computes.</param>
    /// <returns>Null for no drafts.</returns>
    /// <exception cref="CapacityException">The budget is below what drafting takes.</exception>
    /// <exception cref="NotSupportedException">The drafting model has no text in common with this one, or continues no texts.</exception>
    public static Drafting? Open(ModelOptions options, Model model, Decoder decoder, StatePool states, Team team)
    {
        if (decoder.Head is null || decoder.LooksAhead || decoder.Reader is not null)
            return null;

        switch (options.Draft)
        {
            case "off":
                return null;
            case "auto" or "lookup":
                int tokens = (int)Math.Clamp((options.DraftMemory ?? PastTexts.BytesPerToken << 17) / PastTexts.BytesPerToken, 0, 1 << 24);
                var past = new PastTexts(tokens);
                return new(() => new LookupDrafter(past), null, 32, model.Time);
            default:
                return WithModel(options, model, decoder, states, team);
        }
    }

    /// <summary>Begins to draft for a text, or goes on with it.</summary>
    public Speculation Begin(Sequence sequence)
    {
        if (sequence.Companion is not Drafter drafter)
            sequence.Companion = drafter = _create();
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

    /// <summary>Closes the drafting model.</summary>
    public void Dispose() => _model?.Dispose();

    private static Drafting WithModel(ModelOptions options, Model model, Decoder decoder, StatePool states, Team team)
    {
        var small = new DraftModel(ModelFile.Open(options.Draft), team, model.ContextLength, options.Exact ? Compute.Memory.Precision.Floats : Compute.Memory.Precision.Bytes);
        try
        {
            int most = options.DraftMemory is { } budget ? Nodes(budget, small, decoder, states, team) : 64;
            if (IsSame(model.Tokenizer, small.Tokenizer))
                return new(() => new ModelDrafter(small), small, most, model.Time);
            var memory = new OmniDraft.Memory(model.Tokenizer, small);
            return new(() => new OmniDraft(small, memory), small, most, model.Time);
        }
        catch
        {
            small.Dispose();
            throw;
        }
    }

    /// <summary>The tokens of the greatest tree whose run, with the drafting model, stays within a budget.</summary>
    private static int Nodes(long budget, DraftModel small, Decoder decoder, StatePool states, Team team)
    {
        using var pass = new Pass(team);
        var memory = new MemoryModel(decoder, states, pass);
        long plain = memory.Scratch(0), drafter = small.WeightBytes + (small.Context * small.CacheBytesPerToken);
        return new SpecMemo
        {
            Formats = [""],
            Heads = SpecMemo.Full.Count,
            LeastHeads = 1,
            Weights = _ => 0,
            Drafter = _ => drafter,
            Cache = nodes => nodes * states.BytesPerToken,
            Scratch = nodes => memory.Scratch(nodes) - plain,
            Speed = (levels, _) => levels.Sum(),   // the pace finds the fastest part of a tree while it runs
        }.Plan(budget).Nodes;
    }

    private static bool IsSame(Tokenizer a, Tokenizer b)
    {
        if (a.VocabularySize != b.VocabularySize)
            return false;
        for (int id = 0; id < a.VocabularySize; id++)
        {
            if (!a.Piece(id).SequenceEqual(b.Piece(id)))
                return false;
        }

        return true;
    }
}
