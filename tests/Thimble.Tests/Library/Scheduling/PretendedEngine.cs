using System.Runtime.InteropServices;
using Thimble.Adapters;
using Thimble.Cache;
using Thimble.Compute.Memory;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Tests.Library.Scheduling;

/// <summary>A <see cref="Batcher"/> driven without a model: as a token's key its id is written, as its value its tenant's number, and both are read back.</summary>
internal sealed class PretendedEngine : IDisposable
{
    public const int Block = KeyValueStore.PageTokens;

    private readonly List<Sequence> _sequences = [];
    private readonly List<string> _tenants = [""];

    public PretendedEngine(int pages, BatchLimits limits, int kept = int.MaxValue / 2, bool isRecurrent = false)
    {
        Limits = limits;
        StateShape[] shapes = isRecurrent ? [StateShape.Attention(1, 1, 1), StateShape.Recurrent(1)] : [StateShape.Attention(1, 1, 1)];
        States = new StatePool(shapes, (long)pages * Block, CellFormat.Named("F32"));
        Batcher = new Batcher(States, kept, limits);
    }

    public BatchLimits Limits { get; }

    public StatePool States { get; }

    public Batcher Batcher { get; }

    public List<PretendedTurn> Turns { get; } = [];

    public PretendedTurn Add(ReadOnlySpan<int> text, string tenant = "", int writes = 1, int priority = 0, bool isPoison = false) =>
        Add(NewSequence(), text, tenant, writes, priority, isPoison);

    public PretendedTurn Add(Sequence sequence, ReadOnlySpan<int> text, string tenant, int writes, int priority = 0, bool isPoison = false)
    {
        if (!_tenants.Contains(tenant))
            _tenants.Add(tenant);
        (sequence.Tenant, int kept) = (tenant, Math.Min(sequence.Tokens.CommonPrefixLength(text), text.Length - 1));
        sequence.Truncate(kept);
        sequence.Append(text[kept..]);
        sequence.Adapt(SequenceAdapters.None);
        var turn = new PretendedTurn(sequence, priority, writes) { Arrived = Batcher.Steps, IsPoison = isPoison };
        Turns.Add(turn);
        Batcher.Arrive(turn);
        return turn;
    }

    public Sequence NewSequence()
    {
        var sequence = new Sequence(States);
        _sequences.Add(sequence);
        return sequence;
    }

    public void Retire(Sequence sequence)
    {
        _sequences.Remove(sequence);
        Batcher.Roster.Retire(sequence);
    }

    /// <summary>Plans, "computes" and completes one step.</summary>
    /// <param name="fails">Whether the step fails before it is complete.</param>
    public void Step(bool fails = false)
    {
        Batcher.Plan();
        Check();
        foreach (Seat seat in Batcher.Seats)
        {
            Compute(seat);
            fails |= ((PretendedTurn)seat.Turn).IsPoison;
        }

        if (fails)
        {
            Turn? fault = Batcher.TakeBack();
            if (fault is PretendedTurn { IsPoison: true })
                fault.Fail(new InvalidOperationException("Poison."));
            return;
        }

        foreach (Seat seat in Batcher.Seats)
            seat.Turn.Take();
        Batcher.Complete();
        Turns.RemoveAll(static turn => !turn.GoesOn());
    }

    /// <summary>Steps until all turns have ended.</summary>
    public int Drain(int most = 100_000)
    {
        int steps = 0;
        for (; Turns.Count > 0; steps++)
        {
            Assert.True(steps < most, $"{Turns.Count} turns have not ended after {most} steps.");
            Step();
        }

        Batcher.Plan();
        return steps;
    }

    /// <summary>Whether every used page is in use by a sequence or the tree.</summary>
    public void CheckPages()
    {
        HashSet<int> used = [];
        foreach (Sequence sequence in _sequences)
            used.UnionWith(sequence.State.Pages.ToArray());
        PrefixTree tree = Batcher.Prefixes.Tree;
        Assert.InRange(States.Pages.Used, Math.Max(used.Count, tree.Held), used.Count + tree.Filled);
        Assert.InRange(tree.Held, 0, tree.Filled);
        Assert.Equal(States.Pages.Capacity, States.Pages.Used + States.Pages.Free);
    }

    /// <summary>Whether a sequence's pages hold its own text, computed for its tenant or public.</summary>
    public void CheckText(Sequence sequence)
    {
        for (int i = 0; i < sequence.State.Length; i++)
        {
            int page = sequence.State.Pages[i / Block];
            float token = MemoryMarshal.Cast<byte, float>(States.Pages.Store.Keys(page, 0, 0))[i % Block];
            int tenant = (int)MemoryMarshal.Cast<byte, float>(States.Pages.Store.Values(page, 0, 0))[i % Block];
            Assert.Equal(sequence.Tokens[i], (int)token);
            Assert.True(tenant == _tenants.IndexOf(sequence.Tenant) || i / Block < PublicBlocks, $"Token {i} of '{sequence.Tenant}' was computed for '{_tenants[tenant]}'.");
        }

        if (States.IsRecurrent)
            Assert.Equal(Sum(sequence.Tokens[..sequence.State.Length]), sequence.State.AllRecurrent[0]);
    }

    /// <summary>Blocks at the beginning of texts that may come from any tenant.</summary>
    public int PublicBlocks { get; set; }

    public void Dispose() => States.Dispose();

    private void Check()
    {
        int rows = 0, read = 0, writers = 0;
        foreach (Seat seat in Batcher.Seats)
        {
            Assert.InRange(seat.Rows, 1, seat.Turn.Sequence.Pending.Length);
            rows += seat.Rows;
            read += seat.Writes ? 0 : seat.Rows;
            writers += seat.Writes ? 1 : 0;
        }

        Assert.InRange(rows, 0, Limits.StepRows);
        Assert.InRange(read, 0, writers > 0 ? Limits.MixedRows : Limits.ReadRows);
        Assert.InRange(Batcher.Roster.Running.Length, 0, Limits.Running);
        Assert.Equal(Batcher.Seats.Length, Batcher.Seats.ToArray().Select(seat => seat.Turn).Distinct().Count());
        Assert.True(Batcher.Seats.Length > 0 || Turns.All(turn => turn.IsPaused || !turn.GoesOn()), "Nobody has a seat.");
    }

    private void Compute(Seat seat)
    {
        Sequence sequence = seat.Turn.Sequence;
        CheckText(sequence);
        float tenant = _tenants.IndexOf(sequence.Tenant);
        for (int i = 0; i < seat.Rows; i++)
        {
            float token = sequence.Tokens[seat.Before + i];
            sequence.State.Write(0, seat.Before + i, [token], [tenant]);
            if (States.IsRecurrent)
                sequence.State.AllRecurrent[0] = (sequence.State.AllRecurrent[0] * 3 % 1021) + token;
        }

        sequence.State.Advance(seat.Rows);
    }

    private static float Sum(ReadOnlySpan<int> tokens)
    {
        float sum = 0;
        foreach (int token in tokens)
            sum = (sum * 3 % 1021) + token;
        return sum;
    }
}
