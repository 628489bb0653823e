using System.Globalization;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;

namespace Thimble.Speculative;

/// <summary>What <see cref="ModelOptions.Draft"/> asks for, opened within its budget.</summary>
/// <param name="options">The options.</param>
/// <param name="model">The model that is drafted for.</param>
/// <param name="decoder">Its layers.</param>
/// <param name="states">What it keeps of texts.</param>
/// <param name="team">Who computes.</param>
/// <param name="stream">Its layers as they arrive from disk; null where they are in memory.</param>
internal sealed class DraftOpening(ModelOptions options, Model model, Decoder decoder, StatePool states, Team team, LayerStream? stream)
{
    private const int MostNodes = 64, LookupNodes = 32, WindowNodes = 60;
    private const string Exit = "exit:";

    private readonly PassCost _cost = new();

    /// <summary>Opens it.</summary>
    public DraftSource? Open()
    {
        if (decoder.Head is null || decoder.LooksAhead || decoder.Reader is not null || options.Draft == "off")
            return null;
        if (options.LearntDraft is not null && !IsModel())
            throw new ArgumentException($"LearntDraft is '{options.LearntDraft}', but Draft is '{options.Draft}': only a smaller model can learn. Name one.", nameof(options));
        if (options.Draft is "auto" or "lookup")
            return Lookup();
        if (options.Draft == "lookahead")
            return new(static () => new LookaheadDrafter(), Planned(static _ => 0, SpecMemo.Full.Count, 1)?.Nodes ?? WindowNodes, _cost);
        if (options.Draft.StartsWith(Exit, StringComparison.Ordinal))
            return FirstLayers();
        if (!Path.Exists(options.Draft))
        {
            throw new FileNotFoundException(
                $"Draft is '{options.Draft}', which is no file or folder; expected off, auto, lookup, lookahead, {Exit}LAYERS, or the path of a smaller model or of Medusa heads.", options.Draft);
        }

        return options.Draft.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? Heads() : Smaller();
    }

    private bool IsModel() => options.Draft is not ("auto" or "lookup" or "lookahead") && !options.Draft.StartsWith(Exit, StringComparison.Ordinal)
        && !options.Draft.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    private DraftSource Lookup()
    {
        long one = (long)model.ContextLength * PastTexts.BytesPerToken, budget = options.DraftMemory ?? one + ((long)PastTexts.BytesPerToken << 17);
        if (budget < one)
        {
            throw new CapacityException(
                $"Drafting by what was written before needs at least {one} bytes for a text of {model.ContextLength} tokens; DraftMemory is {budget}. Give it more, or open the model with a shorter context.",
                one, budget);
        }

        var past = new PastTexts((int)Math.Min((budget - one) / PastTexts.BytesPerToken, 1 << 24));
        return new(() => new LookupDrafter(past), LookupNodes, _cost);
    }

    private DraftSource FirstLayers()
    {
        if (!int.TryParse(options.Draft.AsSpan(Exit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layers) || layers < 1 || layers >= decoder.Layers.Count)
            throw new ArgumentException($"Draft is '{options.Draft}'; expected {Exit} with a number of layers from 1 to {decoder.Layers.Count - 1}.", nameof(options));
        var part = ExitHead.Of(decoder, model.Tokenizer, layers, team, model.ContextLength);
        return Guarded(part, () => Chained(part, weights: 0, "exit"));
    }

    private DraftSource Heads()
    {
        var heads = MedusaHeads.Open(options.Draft, decoder.Embedding.Width, decoder.Head!.Vocabulary, team);
        return Guarded<DraftSource>(heads, () =>
        {
            MemoryPlan? plan = Planned(used => used * heads.BytesEach, heads.Count, Math.Min(2, heads.Count));
            return new(() => new MedusaDrafter(heads, team) { Heads = plan?.Heads ?? heads.Count, Levels = plan?.Levels ?? [] }, plan?.Nodes ?? MostNodes, _cost, heads);
        });
    }

    private DraftSource Smaller()
    {
        var file = ModelFile.Open(options.Draft);
        var precision = options.Exact ? Compute.Memory.Precision.Floats : Compute.Memory.Precision.Bytes;
        if (options.LearntDraft is not { } learnt)
        {
            DraftModel small = Guarded(file, () => new DraftModel(file, team, model.ContextLength, precision));
            return Guarded(small, () => Vocabularies(small, null));
        }

        using (file)
        {
            if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(learnt))))
                throw new ArgumentException($"LearntDraft is '{learnt}', whose folder is not there; create it first.", nameof(options));
            var distillation = Distillation.Begin(file, learnt, model.ContextLength, team);
            return Guarded(distillation, () => Vocabularies(distillation.Model, distillation));
        }
    }

    private DraftSource Vocabularies(DraftModel small, Distillation? distillation)
    {
        // A drafter that learns is OmniDraft's, whatever its vocabulary.
        if (distillation is null && SameTokens(model.Tokenizer, small.Tokenizer))
            return Chained(small, small.WeightBytes, "model");

        MemoryPlan? plan = Planned(_ => Bytes(small, distillation?.Bytes ?? small.WeightBytes), SpecMemo.Full.Count, 1);
        var memory = new OmniDraft.Memory(model.Tokenizer, small) { Distillation = distillation };
        return new(() => new OmniDraft(small, memory), plan?.Nodes ?? MostNodes, _cost, distillation ?? (IDisposable)small) { Distillation = distillation };
    }

    private DraftSource Chained(DraftModel small, long weights, string name)
    {
        int most = Planned(_ => Bytes(small, weights), SpecMemo.Full.Count, 1)?.Nodes ?? MostNodes;

        // Where every step waits for the disk, the likeliest tree is worth more than guesses drawn alike, and goes on growing meanwhile.
        return stream is not null && name == "model"
            ? new(() => new LlmCad(small, stream), most, _cost, small)
            : new(() => new ModelDrafter(small, name), most, _cost, small);
    }

    /// <summary>The tree and heads that the budget leaves; null without a budget.</summary>
    private MemoryPlan? Planned(Func<int, long> drafter, int heads, int leastHeads) => options.DraftMemory is { } budget
        ? new DraftBudget(decoder, states, team, _cost).Plan(budget, drafter, heads, leastHeads)
        : null;

    private static long Bytes(DraftModel small, long weights) => weights + DraftBudget.Paged(small.Context, small.CacheBytesPerToken) + small.ScratchBytes();

    private static T Guarded<T>(IDisposable opened, Func<T> use)
    {
        try
        {
            return use();
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private static bool SameTokens(Tokenizer a, Tokenizer b)
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

/// <summary>Where a model's drafters come from.</summary>
/// <param name="Create">Makes the drafter of a text.</param>
/// <param name="Most">The most tokens of a draft.</param>
/// <param name="Cost">What is known of the model's runs already.</param>
/// <param name="Owned">Ends with the model; null for nothing.</param>
internal sealed record DraftSource(Func<Drafter> Create, int Most, PassCost Cost, IDisposable? Owned = null)
{
    /// <summary>What trains the drafting model; null for nothing.</summary>
    public Distillation? Distillation { get; init; }
}
