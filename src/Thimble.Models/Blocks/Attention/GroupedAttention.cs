using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Softmax attention in which several query heads share one head of keys and values.</summary>
/// <remarks>Source: Vaswani et al., "Attention Is All You Need", 2017, eq. 1; Ainslie et al., "GQA", 2023, section 2.</remarks>
/// <param name="Qkv">Queries, keys and values, side by side in this order.</param>
/// <param name="Output">From all heads' values back to features.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Keys">Key-value heads and their sizes.</param>
/// <param name="Rule">How scores are made, and which keys a query sees.</param>
/// <param name="Rope">Rotary positions; null for none.</param>
/// <param name="QNorm">Normalises queries; null for none.</param>
/// <param name="KNorm">Normalises keys; null for none.</param>
internal sealed record GroupedAttention(
    Linear Qkv, Linear Output, int Heads, HeadShape Keys, AttentionRule Rule, Rope? Rope = null, Norm? QNorm = null, Norm? KNorm = null)
    : Mixer
{
    private const int Alone = 1 << 13;   // floats below which one thread places them sooner than others are woken

    /// <summary>Whether queries and keys are normalised after they turn, not before.</summary>
    public bool NormsLast { get; init; }

    /// <summary>Normalises values; null for none.</summary>
    public Norm? VNorm { get; init; }

    /// <summary>An earlier layer whose keys and values are met in place of own ones, of which <see cref="Qkv"/> then has none; null for own ones.</summary>
    public GroupedAttention? Lender { get; init; }

    /// <summary>Whether each head's query has a gate of its outcome beside it, which goes through the logistic function.</summary>
    public bool Gated { get; init; }

    /// <summary>Queries, keys and values are cut to ± this; 0 for none.</summary>
    public float Clamp { get; init; }

    /// <summary>Factor on queries by position; null for none.</summary>
    public AttentionTemperature? Temperature { get; init; }

    /// <summary>Normalises all heads' values together before <see cref="Output"/>; null for none.</summary>
    public Norm? Inner { get; init; }

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Qkv.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => Lender is null
        ? StateShape.Attention(Keys.Heads, Keys.KeySize, Keys.ValueSize) with { Passing = !Rule.Causal }
        : default;

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        int queries = Heads * Keys.KeySize, keys = Lender is null ? Keys.Heads * Keys.KeySize : 0;
        demands.Product(Qkv);
        demands.Norm("attn_q_norm", QNorm, queries);
        demands.Norm("attn_k_norm", KNorm, keys);
        if (Rope is not null)
            demands.Map("rope", queries + keys, 3);
        demands.Attention("attention", Heads, Keys, Rule, owns: Lender is null);
        demands.Norm("attn_sub_norm", Inner, Heads * Keys.ValueSize);
        if (Gated)
            demands.Map("attn_gate", queries, FeedForward.FunctionOperations, read: 2);
        demands.Product(Output);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        Matrix angles = Rope is null ? default : Rope.Angles(pass);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix qkv = Qkv.Of(pass, x), gates = Gated ? pass.Scratch.Rent(x.Rows, Heads * Keys.KeySize) : default;

        var place = new Place(this, pass, qkv, angles, gates);
        if (qkv.Values.Length >= Alone)
            pass.Team.Run(place);
        else
            place.Run(0, 1);

        Matrix mixed = pass.Scratch.Rent(x.Rows, Heads * Keys.ValueSize);
        AttentionWork.Run(Number, Lender?.Number ?? Number, Heads, Keys, Rule, pass, qkv, mixed);
        Inner?.Apply(pass, mixed, mixed);
        if (Gated)
            Lanes.Best(new Gate<Sigmoid>(gates.Values, mixed.Values, mixed.Values));
        Output.Apply(pass, mixed, y);
    }

    /// <summary>Turns queries and keys and writes keys and values to where they are kept.</summary>
    private readonly ref struct Place(GroupedAttention block, Pass pass, Matrix qkv, Matrix angles, Matrix gates) : ITeamWork
    {
        private readonly GroupedAttention _block = block;
        private readonly Pass _pass = pass;
        private readonly Matrix _qkv = qkv, _angles = angles, _gates = gates;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_pass.Rows, 1, member, members);
            foreach (Segment segment in _pass.Segments)
            {
                int from = Math.Max(first, segment.First), to = Math.Min(end, segment.First + segment.Count);
                for (int row = from; row < to; row++)
                    Row(segment, row);
            }
        }

        private void Row(Segment segment, int row)
        {
            HeadShape keys = _block.Keys;
            bool own = _block.Lender is null;
            int queries = _block.Heads * keys.KeySize, keyFloats = own ? keys.Heads * keys.KeySize : 0;
            int after = _block.Gated ? 2 * queries : queries;
            Span<float> q = _qkv[row][..queries], k = _qkv[row].Slice(after, keyFloats);
            Span<float> v = _qkv[row].Slice(after + keyFloats, own ? keys.Heads * keys.ValueSize : 0);
            if (_block.Gated)
                Part(_qkv[row][..after], _gates[row], keys.KeySize);
            if (_block.Clamp != 0)
                Lanes.Best(new Clamped(_qkv[row], -_block.Clamp, _block.Clamp, _qkv[row]));
            if (!_block.NormsLast)
                Normalise(q, k);
            if (_block.Rope is { } rope)
            {
                rope.Rotate(q, keys.KeySize, _angles[row]);
                rope.Rotate(k, keys.KeySize, _angles[row]);
            }

            if (_block.NormsLast)
                Normalise(q, k);
            if (_block.Temperature is { } temperature)
                Lanes.Best(new Scaled(q, temperature.At(_pass.Positions[row]), q));
            _block.VNorm?.ApplyToParts(v, keys.ValueSize);
            if (own && _pass.GivesKeys)
                _pass.PlaceKeys(row, _block.Number, k, v);
            if (own)
                segment.State.Write(_block.Number, segment.Position + row - segment.First, k, v);
        }

        /// <summary>Moves the gates away from between the queries, and those together.</summary>
        private static void Part(Span<float> both, Span<float> gates, int size)
        {
            for (int at = 0; at < gates.Length; at += size)
            {
                both.Slice((2 * at) + size, size).CopyTo(gates[at..]);
                both.Slice(2 * at, size).CopyTo(both[at..]);
            }
        }

        private void Normalise(Span<float> q, Span<float> k)
        {
            _block.QNorm?.ApplyToParts(q, _block.Keys.KeySize);
            _block.KNorm?.ApplyToParts(k, _block.Keys.KeySize);
        }
    }
}
