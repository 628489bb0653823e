using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
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
/// <param name="QNorm">Normalises queries before they turn; null for none.</param>
/// <param name="KNorm">Normalises keys before they turn; null for none.</param>
internal sealed record GroupedAttention(
    Linear Qkv, Linear Output, int Heads, HeadShape Keys, AttentionRule Rule, Rope? Rope = null, Norm? QNorm = null, Norm? KNorm = null)
    : Mixer
{
    private const int QueryTile = 8;   // tokens whose attention is one piece of work

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Qkv.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Attention(Keys.Heads, Keys.KeySize, Keys.ValueSize);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        Matrix angles = Rope is null ? default : Rope.Angles(pass);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix qkv = pass.Scratch.Rent(x.Rows, Qkv.Outputs);
        Qkv.Apply(pass, x, qkv);

        var place = new Place(this, pass, qkv, angles);
        if (x.Rows > 4)
            pass.Team.Run(place);
        else
            place.Run(0, 1);

        Matrix mixed = pass.Scratch.Rent(x.Rows, Heads * Keys.ValueSize);
        pass.Team.Run(new Attend(this, pass, qkv, mixed));
        Output.Apply(pass, mixed, y);
    }

    /// <summary>Turns queries and keys and writes keys and values to where they are kept.</summary>
    private readonly ref struct Place(GroupedAttention block, Pass pass, Matrix qkv, Matrix angles) : ITeamWork
    {
        private readonly GroupedAttention _block = block;
        private readonly Pass _pass = pass;
        private readonly Matrix _qkv = qkv, _angles = angles;

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
            int queries = _block.Heads * keys.KeySize, keyFloats = keys.Heads * keys.KeySize;
            Span<float> q = _qkv[row][..queries], k = _qkv[row].Slice(queries, keyFloats);
            Span<float> v = _qkv[row].Slice(queries + keyFloats, keys.Heads * keys.ValueSize);
            _block.QNorm?.ApplyToParts(q, keys.KeySize);
            _block.KNorm?.ApplyToParts(k, keys.KeySize);
            if (_block.Rope is { } rope)
            {
                rope.Rotate(q, keys.KeySize, _angles[row]);
                rope.Rotate(k, keys.KeySize, _angles[row]);
            }

            segment.State.Write(_block.Number, segment.Position + row - segment.First, k, v);
        }
    }

    /// <summary>Every tile of queries with every key-value head is a piece; the pieces go round the team.</summary>
    private readonly ref struct Attend(GroupedAttention block, Pass pass, Matrix qkv, Matrix mixed) : ITeamWork
    {
        private readonly GroupedAttention _block = block;
        private readonly Pass _pass = pass;
        private readonly Matrix _qkv = qkv, _mixed = mixed;

        public void Run(int member, int members)
        {
            int piece = 0;
            foreach (Segment segment in _pass.Segments)
            {
                for (int row = 0; row < segment.Count; row += QueryTile)
                {
                    for (int head = 0; head < _block.Keys.Heads; head++)
                    {
                        if (piece++ % members == member)
                            Piece(segment, row, Math.Min(QueryTile, segment.Count - row), head);
                    }
                }
            }
        }

        private void Piece(Segment segment, int row, int rows, int head)
        {
            int group = _block.Heads / _block.Keys.Heads;
            segment.State.Store.Cell.Attend(new AttentionHead
            {
                Store = segment.State.Store,
                Layer = segment.State.Layer(_block.Number),
                Head = head,
                Pages = segment.State.Pages,
                Queries = _qkv.Part(segment.First + row, rows),
                QueryColumn = head * group * _block.Keys.KeySize,
                Output = _mixed.Part(segment.First + row, rows),
                OutputColumn = head * group * _block.Keys.ValueSize,
                Group = group,
                Position = segment.Position + row,
                Length = segment.Position + segment.Count,
                Rule = _block.Rule,
            });
        }
    }
}
