using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Speculative;

/// <summary>Guesses with heads on the model's own last state: no model runs for a guess.</summary>
/// <remarks>Source: Cai et al., "Medusa", 2024, sections 2.1.1 and 2.1.2 (trees of the heads' likeliest tokens). We changed: of all combinations those
/// most likely together are taken, within widths that a plan may set for each level.</remarks>
/// <param name="heads">The heads.</param>
/// <param name="team">Computes.</param>
internal sealed class MedusaDrafter(MedusaHeads heads, Team team) : Drafter
{
    private const int Likely = 10;

    private readonly Arena _scratch = new();
    private readonly float[] _state = new float[heads.Width];
    private readonly List<(int Id, double Probability)> _likely = [];   // of each head, its likeliest tokens
    private readonly List<(double Reach, int Parent, int Head, int Rank)> _open = [];
    private readonly int[] _taken = new int[heads.Count];
    private float[] _weights = [];
    private bool _knows;

    /// <inheritdoc />
    public override string Name => "medusa";

    /// <summary>Heads used, at most as many as there are.</summary>
    public int Heads { get; init; } = heads.Count;

    /// <summary>The most tokens of each level, deepest last; empty for no bound.</summary>
    public IReadOnlyList<int> Levels { get; init; } = [];

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        if (!_knows)
            return;

        int used = Math.Min(Math.Min(Heads, heads.Count), Levels.Count > 0 ? Levels.Count : heads.Count);
        _likely.Clear();
        Span<(int Id, double Probability)> top = stackalloc (int, double)[Likely];
        for (int head = 0; head < used; head++)
        {
            using Arena.Scope _ = _scratch.Mark();
            int count = DraftModel.Likeliest(heads.Score(head, _state, _scratch, team), ref _weights, top);
            for (int i = 0; i < Likely; i++)
                _likely.Add(i < count ? top[i] : default);
        }

        Grow(draft, used);
    }

    /// <inheritdoc />
    public override void Learn(in Verdict verdict)
    {
        verdict.Vectors[verdict.Last].CopyTo(_state);
        _knows = true;
    }

    /// <inheritdoc />
    public override void Dispose() => _scratch.Dispose();

    /// <summary>Adds the likeliest combinations, best first: after each token its next sibling and its first child are open.</summary>
    private void Grow(Draft draft, int used)
    {
        _open.Clear();
        Array.Clear(_taken);
        Offer(-1, 0, 0, 1);
        while (_open.Count > 0 && !draft.IsFull)
        {
            int best = 0;
            for (int i = 1; i < _open.Count; i++)
                best = _open[i].Reach > _open[best].Reach ? i : best;
            (_, int parent, int head, int rank) = _open[best];
            _open.RemoveAt(best);
            if (head < Levels.Count && _taken[head] >= Levels[head])
                continue;

            (int id, double probability) = _likely[(head * Likely) + rank];
            int place = draft.Add(parent, id, probability);
            if (place < 0)
                continue;
            _taken[head]++;
            if (rank + 1 < Likely && draft.Branches)
                Offer(parent, head, rank + 1, parent < 0 ? 1 : draft[parent].Reach);
            if (head + 1 < used && (Levels.Count == 0 || head + 1 < Levels.Count))
                Offer(place, head + 1, 0, draft[place].Reach);
        }
    }

    private void Offer(int parent, int head, int rank, double reach) => _open.Add((reach * _likely[(head * Likely) + rank].Probability, parent, head, rank));
}
