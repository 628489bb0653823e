using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Models.Blocks;

/// <summary>Attention of a run's queries over the keys their sequences keep: every tile of queries with every key-value head
/// is a piece, and the pieces go round the team.</summary>
/// <param name="number">The mixer's number.</param>
/// <param name="heads">Query heads.</param>
/// <param name="keys">Key-value heads and their sizes.</param>
/// <param name="rule">How scores are made, and which keys a query sees.</param>
/// <param name="pass">The run.</param>
/// <param name="queries">Shape [rows, ≥ heads · key size].</param>
/// <param name="mixed">Receives the outcome, shape [rows, heads · value size].</param>
internal readonly ref struct AttentionWork(
    int number, int heads, HeadShape keys, AttentionRule rule, Pass pass, Matrix queries, Matrix mixed) : ITeamWork
{
    private const int QueryTile = 8;   // tokens whose attention is one piece of work

    private readonly int _number = number, _group = heads / keys.Heads;
    private readonly HeadShape _keys = keys;
    private readonly AttentionRule _rule = rule;
    private readonly Pass _pass = pass;
    private readonly Matrix _queries = queries, _mixed = mixed;

    public void Run(int member, int members)
    {
        int piece = 0;
        foreach (Segment segment in _pass.Segments)
        {
            for (int row = 0; row < segment.Count; row += QueryTile)
            {
                for (int head = 0; head < _keys.Heads; head++)
                {
                    if (piece++ % members == member)
                        Piece(segment, row, Math.Min(QueryTile, segment.Count - row), head);
                }
            }
        }
    }

    private void Piece(Segment segment, int row, int rows, int head) =>
        segment.State.Store.Cell.Attend(new AttentionHead
        {
            Store = segment.State.Store,
            Layer = segment.State.Layer(_number),
            Head = head,
            Pages = segment.State.Pages,
            Queries = _queries.Part(segment.First + row, rows),
            QueryColumn = head * _group * _keys.KeySize,
            Output = _mixed.Part(segment.First + row, rows),
            OutputColumn = head * _group * _keys.ValueSize,
            Group = _group,
            Position = segment.Position + row,
            Length = segment.Position + segment.Count,
            Rule = _rule,
        });
}
