using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>A model as a list: embedding, layers, last norm, head.</summary>
internal sealed record Decoder
{
    /// <param name="embedding">Token ids to vectors.</param>
    /// <param name="layers">What the vectors go through.</param>
    /// <param name="lastNorm">Normalises the outcome; null for none.</param>
    /// <param name="head">Vectors to a score for each token; null for a model that only embeds.</param>
    /// <param name="prelude">Computed once before the layers; null for nothing.</param>
    public Decoder(Embedding embedding, IReadOnlyList<Layer> layers, Norm? lastNorm, Head? head, Prelude? prelude = null)
    {
        (Embedding, Layers, LastNorm, Head, Prelude) = (embedding, layers, lastNorm, head, prelude);
        Mixers = [.. layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).OfType<Mixer>()];
        for (int i = 0; i < Mixers.Count; i++)
            Mixers[i].Number = i;
    }

    /// <summary>Token ids to vectors.</summary>
    public Embedding Embedding { get; }

    /// <summary>What the vectors go through.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Normalises the outcome; null for none.</summary>
    public Norm? LastNorm { get; }

    /// <summary>Vectors to a score for each token; null for a model that only embeds.</summary>
    public Head? Head { get; }

    /// <summary>Computed once before the layers; null for nothing.</summary>
    public Prelude? Prelude { get; }

    /// <summary>How a text's vectors become one; null until it is known.</summary>
    public Pooling? Pooling { get; set; }

    /// <summary>Reads a prompt before any of the answer is written; null where both are one text.</summary>
    public Reader? Reader { get; init; }

    /// <summary>Whether tokens see later ones, so that a text must be run whole and none can be written.</summary>
    public bool LooksAhead => Mixers.OfType<GroupedAttention>().Any(mixer => !mixer.Rule.Causal);

    /// <summary>The blocks that keep something of a sequence, in order.</summary>
    public IReadOnlyList<Mixer> Mixers { get; }

    /// <summary>What each mixer keeps.</summary>
    public IReadOnlyList<StateShape> States => [.. Mixers.Select(mixer => mixer.State)];

    /// <summary>The weights that every token meets: all but the embedding's table, unless the head shares it.</summary>
    public IEnumerable<Weight> Weights => (Reader?.Encoder.Weights ?? []).Concat(
        Layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).SelectMany(block => block.Weights)
            .Concat(Prelude?.Weights ?? []).Concat(Head?.Output.Weights ?? []).Concat(Pooling?.Weights ?? []));

    /// <summary>Bytes of weights that one token meets.</summary>
    public long BytesPerToken =>
        Layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).Sum(block => block.BytesPerToken)
            + (Prelude?.Weights ?? []).Concat(Head?.Output.Weights ?? []).Sum(weight => weight.Bytes);

    /// <summary>The model's file, for messages.</summary>
    public string Source
    {
        get;
        set
        {
            field = value;
            if (Head is not null)
                Head.Source = value;
        }
    } = "the model";

    /// <summary>Called after each layer with its number and outcome, for measurements and tests; null for nothing.</summary>
    public Action<int, Loan>? Observer { get; set; }

    /// <summary>What a run asks of a machine, told by the blocks themselves.</summary>
    /// <param name="run">What it is given.</param>
    /// <param name="cell">How keys and values are stored.</param>
    /// <returns>The operations, in the order they are computed.</returns>
    public IReadOnlyList<Operation> Describe(RunShape run, CellFormat cell)
    {
        var demands = new Demands(run, cell);
        demands.Lookup(Embedding.Table);
        Prelude?.Describe(demands);
        for (int i = 0; i < Layers.Count; i++)
        {
            demands.Layer = i;
            foreach (Step step in Layers[i].Steps)
                step.Describe(demands, Embedding.Width);
        }

        demands.Layer = -1;
        demands.Among((double)run.Sequences * run.Scored, 1, scored =>
        {
            scored.Norm("last_norm", LastNorm, Embedding.Width);
            Head?.Output.Describe(scored);
        });
        return demands.All;
    }

    /// <summary>Runs the layers.</summary>
    /// <param name="pass">Tokens; their states are written and counted.</param>
    /// <returns>The normalised vectors of the wanted rows, shape [wanted, features], valid until the mark before is released.</returns>
    /// <exception cref="InvalidDataException">They are no numbers; the message names the tensor at fault.</exception>
    public Matrix Forward(Pass pass)
    {
        Matrix x = Embed(pass);
        for (int i = 0; i < Layers.Count; i++)
        {
            pass.Trace?.Layer = i;
            foreach (Step step in Layers[i].Steps)
                x = Run(pass, step, x);
            if (pass.Adapters.Any)
                pass.Adapters.Steer(i, x);
            pass.Deepen(i, x);
            Observer?.Invoke(i, new Loan(x));
        }

        pass.Trace?.Layer = -1;
        pass.Advance();
        Matrix last = pass.Scratch.Rent(pass.Wanted.Length, x.Columns);
        for (int i = 0; i < pass.Wanted.Length; i++)
            x[pass.Wanted[i]].CopyTo(last[i]);
        LastNorm?.Apply(pass, last, last);
        return Finiteness.Of(last.Values) ? last : throw Damage.In(Source, Weights.Prepend(Embedding.Table));
    }

    private Matrix Embed(Pass pass)
    {
        using OperationMark _ = OperationTrace.Of(pass.Trace, nameof(Embedding), pass.Rows, 1, Embedding.Table.Columns);
        Matrix x = Embedding.Apply(pass);
        Prelude?.Apply(pass, x);
        return x;
    }

    private static Matrix Run(Pass pass, Step step, Matrix x)
    {
        using OperationMark _ = OperationTrace.Of(pass.Trace, step, x, x.Columns);
        return step.Apply(pass, x);
    }
}

/// <summary>Vectors to a score for each token: <c>logits = cap(scale · (W·x + bias))</c>.</summary>
/// <param name="Output">W and bias.</param>
/// <param name="Scale">Factor on the scores.</param>
/// <param name="SoftCap">Scores become <c>cap · tanh(score / cap)</c>; 0 for none.</param>
internal sealed record Head(Linear Output, float Scale = 1, float SoftCap = 0)
{
    /// <summary>The model's file, for messages.</summary>
    public string Source { get; set; } = "the model";

    /// <summary>Tokens scored.</summary>
    public int Vocabulary => Output.Outputs;

    /// <summary>Scores vectors.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <returns>Shape [rows, vocabulary].</returns>
    /// <exception cref="InvalidDataException">A score is no number; the message names the tensor at fault.</exception>
    public Matrix Apply(Pass pass, Matrix x)
    {
        using OperationMark _ = OperationTrace.Of(pass.Trace, nameof(Head), x.Rows, x.Columns, Vocabulary);
        Matrix logits = pass.Scratch.Rent(x.Rows, Vocabulary);
        if (pass.Adapters.Any)
            pass.Adapters.Pick(pass.Wanted);
        Output.Apply(pass, x, logits);
        pass.Adapters.PickAll();
        if (!Finiteness.Of(logits.Values))
            throw Damage.In(Source, Output.Weights);
        if (Scale != 1)
            Lanes.Best(new Scaled(logits.Values, Scale, logits.Values));
        if (SoftCap != 0)
        {
            Lanes.Best(new Scaled(logits.Values, 1 / SoftCap, logits.Values));
            Lanes.Best(new Map<Tanh>(logits.Values, logits.Values));
            Lanes.Best(new Scaled(logits.Values, SoftCap, logits.Values));
        }

        return logits;
    }
}
