using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>A model as training sees it: the parameters behind the blocks that inference runs, and what is put between them.</summary>
/// <remarks>Nothing of an architecture is written here: the decoder's own blocks are walked.</remarks>
internal sealed class Graph : IDisposable
{
    private readonly Dictionary<object, Parameter> _parameters = new(ReferenceEqualityComparer.Instance);
    private Value? _ahead;

    /// <summary>A model's graph; nothing is trained at first.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="vectors">Its small tensors by name, as the blocks hold them.</param>
    public Graph(Decoder decoder, IEnumerable<TakenVector> vectors)
    {
        Decoder = decoder;
        Weight?[] tables = [decoder.Embedding.Table, decoder.Embedding.Positions, (decoder.Prelude as PerLayerInputs)?.Table];
        foreach (Weight weight in decoder.Weights.Concat(tables.OfType<Weight>()))
            _parameters.TryAdd(weight, new Parameter(weight));
        foreach (TakenVector vector in vectors)
            _parameters.TryAdd(vector.Values, new Parameter(vector.Name, vector.Values, vector.Values.Length));
    }

    /// <summary>The model.</summary>
    public Decoder Decoder { get; }

    /// <summary>All its parameters, those of adapters included.</summary>
    public IEnumerable<Parameter> Parameters => _parameters.Values
        .Concat(Changes.Values.SelectMany(change => change.Parameters)).Concat(Lead?.Parameters ?? []);

    /// <summary>What adapters do to products; empty for nothing.</summary>
    public Dictionary<Parameter, IChange> Changes { get; } = [];

    /// <summary>Rows before every sequence that are trained; null for none.</summary>
    public VirtualTokens? Lead { get; set; }

    /// <summary>Whether layers keep only their inputs for the backward run.</summary>
    public bool Recomputes { get; set; }

    /// <summary>The first layers that no gradient is pulled through, since nothing in them or before them is trained by one.</summary>
    public int Still { get; set; }

    /// <summary>Weight of the loss that keeps experts in use alike; 0 for none.</summary>
    public float Balance { get; set; }

    /// <summary>What makes the gates of feed-forward blocks sparse; null for nothing.</summary>
    public SparseActivations? Sparse { get; set; }

    /// <summary>Layers behind which a text is foretold too, by their number from 1 on.</summary>
    public IReadOnlyList<int> Exits { get; set; } = [];

    /// <summary>What the layers of <see cref="Exits"/> gave in the latest run, not normalised; empty where nothing is pulled.</summary>
    public List<Value> Left { get; } = [];

    /// <summary>The parameter behind a weight.</summary>
    public Parameter Of(Weight weight) => _parameters[weight];

    /// <summary>The parameter behind a block's small tensor; one that is not a tensor of the file is a constant.</summary>
    public Parameter? Of(float[]? values)
    {
        if (values is null)
            return null;
        if (!_parameters.TryGetValue(values, out Parameter? parameter))
            _parameters.Add(values, parameter = new Parameter("", values, values.Length));
        return parameter;
    }

    /// <summary>The vectors of the batch's rows after all layers, normalised.</summary>
    /// <exception cref="NotSupportedException">A block of the model cannot be trained; the message lists those that can.</exception>
    public Value Vectors(Tape tape)
    {
        Embedding embedding = Decoder.Embedding;
        if (Lead is not null)
            tape.Batch = tape.Batch.Led(Lead.Count);
        Value x = Lookup.Of(tape, Of(embedding.Table), tape.Batch.Tokens, embedding.Scale);
        if (Lead is not null)
            x = Lead.Embed(tape, x);
        if (embedding.Positions is not null)
            x = Sum.Of(tape, x, Lookup.Of(tape, Of(embedding.Positions), tape.Batch.Positions));
        if (embedding.Norm is not null)
            x = Normalise(tape, embedding.Norm, x);
        if (embedding.Types is not null)
            throw new NotSupportedException("This model adds types of segments to its embedding; such models cannot be trained yet.");
        _ahead = Decoder.Prelude is { } prelude ? Gradients.Of(this, tape, prelude, x) : null;
        if (_ahead is { IsVaried: true } && tape.Pulls)
            _ahead.Gradient(tape);   // rented here: it outlives what a layer computes once more

        Left.Clear();
        for (int i = 0; i < Decoder.Layers.Count; i++)
        {
            Layer layer = Decoder.Layers[i];
            x = !tape.Pulls || i < Still ? Forget(tape, layer, x)
                : Recomputes ? Checkpoint.Of(tape, x, x.Columns, input => Run(tape, layer, input))
                : Run(tape, layer, x);
            if (tape.Pulls && Exits.Contains(i + 1))
                Left.Add(x);
        }

        return Decoder.LastNorm is null ? x : Normalise(tape, Decoder.LastNorm, x);
    }

    /// <summary>What was computed before the layers.</summary>
    public Value Ahead(Prelude prelude) =>
        prelude == Decoder.Prelude && _ahead is not null ? _ahead : throw new InvalidOperationException("A layer asks for what was not computed before it.");

    /// <summary>The head.</summary>
    /// <exception cref="NotSupportedException">The model has none, or one in several parts.</exception>
    public VocabularyHead Head() => Decoder.Head is { Output.Parts: [var weight] } head && head.Output.Scales is null
        ? new VocabularyHead(Of(weight), Of(head.Output.Bias), head.Scale, head.SoftCap)
        : throw new NotSupportedException("This model has no head that scores a vocabulary; it cannot be trained on text.");

    /// <summary>A norm of whole rows, or of parts of them.</summary>
    public Value Normalise(Tape tape, Norm norm, Value x, int part = 0)
    {
        bool ofAll = norm.Gain is not null && norm.Gain.Length == x.Columns && part != 0 && x.Columns != part;
        int size = ofAll && !norm.EachPart ? 0 : part;
        return RowNorm.Of(tape, x, new NormShape(Of(norm.Gain), Of(norm.Bias), norm.Epsilon, norm.Centred, size));
    }

    /// <summary>The parts of a product, each a value of its own.</summary>
    public Value[] Multiply(Tape tape, Linear linear, Value x)
    {
        var parts = new Value[linear.Parts.Length];
        (Parameter? Bias, int First)[] biases = Biases(linear);
        for (int i = 0; i < parts.Length; i++)
        {
            Parameter weight = Of(linear.Parts[i]);
            IChange? change = Changes.GetValueOrDefault(weight);
            (Parameter? bias, int first) = biases[i];
            bool alone = change is null && bias?.Length == weight.Rows;   // no adapter stands between product and bias
            parts[i] = LinearMap.Of(tape, x, weight, alone ? bias : null, linear.Scales?[i] ?? 1);
            if (change is not null)
                parts[i] = change.Apply(tape, x, parts[i]);
            if (bias is not null && !alone)
                parts[i] = Shift.Of(tape, parts[i], bias, first);
        }

        return parts;
    }

    /// <summary>The bias of each part, and where in it the part's begins.</summary>
    private (Parameter? Bias, int First)[] Biases(Linear linear)
    {
        var biases = new (Parameter?, int)[linear.Parts.Length];
        if (linear.Bias is null)
            return biases;
        (float[]? Bias, int Outputs)[] pieces = linear.BiasParts ?? [(linear.Bias, linear.Outputs)];
        for (int i = 0, piece = 0, first = 0; i < biases.Length; i++)
        {
            biases[i] = (Of(pieces[piece].Bias), first);
            first += linear.Parts[i].Rows;
            if (first == pieces[piece].Outputs)
                (piece, first) = (piece + 1, 0);
        }

        return biases;
    }

    /// <summary>A product whose outcome is cut at given widths, however many weights it comes from.</summary>
    public Value[] Multiply(Tape tape, Linear linear, Value x, params int[] widths)
    {
        Value[] parts = Multiply(tape, linear, x);
        if (parts.Select(part => part.Columns).SequenceEqual(widths))
            return parts;

        Value whole = parts.Length == 1 ? parts[0] : Columns.Joined(tape, parts);
        int first = 0;
        var cut = new Value[widths.Length];
        for (int i = 0; i < cut.Length; first += widths[i++])
            cut[i] = Columns.Of(tape, whole, first, widths[i]);
        return cut;
    }

    /// <summary>A product as one value.</summary>
    public Value MultiplyWhole(Tape tape, Linear linear, Value x)
    {
        Value[] parts = Multiply(tape, linear, x);
        return parts.Length == 1 ? parts[0] : Columns.Joined(tape, parts);
    }

    /// <summary>Frees what parameters hold.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in _parameters.Values)
            parameter.Dispose();
        foreach (IChange change in Changes.Values)
            change.Dispose();
        Lead?.Dispose();
    }

    /// <summary>Runs a layer whose inner values nobody asks for again: the outcome of each step takes the place of its input.</summary>
    private Value Forget(Tape tape, Layer layer, Value x)
    {
        if (tape.Pushes)
            x.Tangent(tape);   // rented before the mark
        bool pulls = tape.Pulls, alone = layer.Steps.All(step => step is Residual or ParallelResidual);   // whose outcome is as wide as their input
        tape.Pulls = false;
        foreach (Step step in alone ? layer.Steps : [])
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            Replace(tape, x, Gradients.Of(this, tape, step, x));
        }

        if (!alone)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            Replace(tape, x, Run(tape, layer, x));
        }

        tape.Pulls = pulls;
        return x;
    }

    private static void Replace(Tape tape, Value x, Value y)
    {
        y.Result.Values.CopyTo(x.Result.Values);
        if (tape.Pushes && !ReferenceEquals(x, y))
            y.Tangent(tape).Values.CopyTo(x.Tangent(tape).Values);
    }

    private Value Run(Tape tape, Layer layer, Value x)
    {
        foreach (Step step in layer.Steps)
            x = Gradients.Of(this, tape, step, x);
        return x;
    }
}
