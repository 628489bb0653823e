using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Adapters;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Prefix tuning: keys and values of some tokens that never were, in every layer; plain, or as a small network gives them:
/// <c>[K, V] = W₂·tanh(W₁·E)</c>, with biases.</summary>
/// <remarks>Plain, they begin as the keys and values of real tokens. Source: Li and Liang, "Prefix-Tuning: Optimizing Continuous Prompts for
/// Generation", 2021, sections 4.2 and 4.3.</remarks>
internal sealed class Prefix : VirtualTokens
{
    private readonly GroupedAttention[] _blocks;
    private readonly int _keys, _values, _width;
    private readonly Parameter[] _given;             // plain: by layer, shape [count, keys + values]
    private readonly Parameter? _seeds, _first, _firstBias;
    private readonly Parameter[] _second = [], _secondBias = [];   // by layer, shape [keys + values, hidden]
    private bool _records;

    /// <param name="graph">The model.</param>
    /// <param name="tokens">The tokens whose keys and values they begin as.</param>
    /// <param name="hidden">Features inside the network; 0 for none.</param>
    /// <param name="random">Draws its weights.</param>
    public Prefix(Graph graph, int[] tokens, int hidden, Random random)
        : base(tokens.Length)
    {
        _blocks = LeadFit.Blocks(graph.Decoder, graph.Decoder.Source);
        HeadShape shape = _blocks[0].Keys;
        (_keys, _values, _width) = (shape.Heads * shape.KeySize, shape.Heads * shape.ValueSize, graph.Decoder.Embedding.Width);
        int both = _keys + _values;
        if (hidden == 0)
        {
            _given = [.. _blocks.Select((_, i) => new Parameter($"prefix.{i}", new float[Count * both], both) { IsTrained = true })];
            return;
        }

        _given = [];
        _seeds = new Parameter("prefix_seeds", SoftPrompt.Rows(graph.Of(graph.Decoder.Embedding.Table), graph.Decoder.Embedding.Scale, tokens), _width) { IsTrained = true };
        _first = new Parameter("prefix_encoder.first", Drawn.Uniform(hidden, _width, random), _width) { IsTrained = true };
        _firstBias = new Parameter("prefix_encoder.first.bias", new float[hidden], hidden) { IsTrained = true };
        _second = [.. _blocks.Select((_, i) => new Parameter($"prefix_encoder.{i}", Drawn.Uniform(both, hidden, random), hidden) { IsTrained = true })];
        _secondBias = [.. _blocks.Select((_, i) => new Parameter($"prefix_encoder.{i}.bias", new float[both], both) { IsTrained = true })];
    }

    /// <inheritdoc />
    public override string Kind => "PREFIX_TUNING";

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters => _seeds is null ? _given : [_seeds, _first!, _firstBias!, .. _second, .. _secondBias];

    /// <summary>Lets plain ones begin as what the model keeps of real tokens.</summary>
    /// <param name="tape">Computes it.</param>
    /// <param name="graph">The model, which must not have them yet.</param>
    /// <param name="tokens">As many as they are.</param>
    public void Begin(Tape tape, Graph graph, int[] tokens)
    {
        if (_seeds is not null)
            return;
        (graph.Lead, _records, bool pulls) = (this, true, tape.Pulls);
        tape.Clear();
        (tape.Pulls, tape.Batch) = (false, new Batch(tokens, [.. tokens.Select(_ => -1)], [(0, tokens.Length)]) { Lead = Count });
        graph.Vectors(tape);
        tape.Clear();
        (_records, tape.Pulls) = (false, pulls);
    }

    /// <inheritdoc />
    public override Value Embeddings(Tape tape)
    {
        Value zeros = tape.Rent(Count, _width, isVaried: false);
        zeros.Result.Values.Clear();
        return zeros;
    }

    /// <inheritdoc />
    public override (Value K, Value V) Keys(Tape tape, GroupedAttention block, Value k, Value v)
    {
        int layer = Array.FindIndex(_blocks, own => ReferenceEquals(own, block));
        if (_records)
        {
            Record(layer, k.Result, v.Result);
            return (k, v);
        }

        Value both = Both(tape, layer);
        return (Placed.Of(tape, k, Columns.Of(tape, both, 0, _keys)), Placed.Of(tape, v, Columns.Of(tape, both, _keys, _values)));
    }

    /// <inheritdoc />
    public override DraftLead Draft(Tape tape)
    {
        int both = _keys + _values, width = _blocks.Length * both;
        float[] rows = new float[Count * width];
        for (int layer = 0; layer < _blocks.Length; layer++)
        {
            Matrix own = Both(tape, layer).Result;
            for (int row = 0; row < Count; row++)
                own[row].CopyTo(rows.AsSpan((row * width) + (layer * both)));
        }

        return new(Count, rows, _blocks.Length, _blocks[0].Keys.Heads);
    }

    private Value Both(Tape tape, int layer)
    {
        if (_seeds is null)
            return Held.Of(tape, _given[layer]);
        Value hidden = Activation.Of(tape, Nonlinearity.Tanh, LinearMap.Of(tape, Held.Of(tape, _seeds), _first!, _firstBias));
        return LinearMap.Of(tape, hidden, _second[layer], _secondBias[layer]);
    }

    private void Record(int layer, Matrix k, Matrix v)
    {
        for (int row = 0; row < Count; row++)
        {
            Span<float> both = _given[layer].Values.Slice(row * (_keys + _values), _keys + _values);
            k[row].CopyTo(both);
            v[row].CopyTo(both[_keys..]);
        }
    }
}
