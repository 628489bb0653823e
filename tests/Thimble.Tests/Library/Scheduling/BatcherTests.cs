using Thimble.Scheduling;

namespace Thimble.Tests.Library.Scheduling;

public class BatcherTests
{
    private const int Block = PretendedEngine.Block;

    private static readonly BatchLimits s_limits = new(ReadRows: 96, MixedRows: 24, Running: 6);

    [Theory]
    [InlineData(false, 1_500), InlineData(true, 1_000)]
    public void Random_steps_keep_every_promise(bool isRecurrent, int steps) => RandomSteps(isRecurrent, steps);

    [Fact, Trait("Speed", "Slow")]
    public void A_hundred_thousand_random_steps_keep_every_promise() => RandomSteps(isRecurrent: false, 100_000);

    [Fact]
    public void Those_that_write_have_a_row_in_every_step_while_a_long_prompt_is_read()
    {
        using var engine = new PretendedEngine(64, s_limits);
        PretendedTurn chat = engine.Add(Text(1, 10), "a", writes: 12);
        engine.Step();
        engine.Add(Text(2, 2000), "b", writes: 1);
        for (int left = 11; left > 0; left--)
        {
            Assert.Equal(left, chat.Writes);
            engine.Step();
            Assert.Equal([1, s_limits.MixedRows], engine.Batcher.Seats.ToArray().Select(seat => seat.Rows));
        }
    }

    [Fact]
    public void A_prompt_that_another_is_reading_is_read_once()
    {
        using var engine = new PretendedEngine(256, s_limits);
        int[] prompt = Text(3, (10 * Block) + 5);
        for (int i = 0; i < 5; i++)
            engine.Add(prompt, "a", writes: 3);
        long rows = 0;
        while (engine.Turns.Count > 0)
        {
            engine.Step();
            rows += engine.Batcher.Seats.ToArray().Sum(seat => seat.Rows);
        }

        Assert.Equal(prompt.Length + (4 * 5) + (5 * 2), rows);
        Assert.Equal(4 * 10 * Block, engine.Batcher.Prefixes.SavedTokens);
    }

    [Fact]
    public void Who_does_not_fit_beside_others_waits_and_who_fits_alone_ends()
    {
        using var engine = new PretendedEngine(8, s_limits);
        PretendedTurn[] turns = [.. Enumerable.Range(0, 5).Select(i => engine.Add(Text(i, 200), "a", writes: 200))];
        engine.Drain();
        Assert.All(turns, turn => Assert.Null(turn.Failure));
        Assert.True(engine.Batcher.Roster.Preemptions > 0);
        PretendedTurn whale = engine.Add(Text(9, 9 * Block), "a");
        engine.Drain();
        Assert.IsType<CapacityException>(whale.Failure);
    }

    [Fact]
    public void Higher_priority_goes_first_and_lower_still_ends()
    {
        using var engine = new PretendedEngine(64, s_limits with { Running = 1 });
        PretendedTurn low = engine.Add(Text(1, 5), "a", writes: 20);
        engine.Step();
        PretendedTurn high = engine.Add(Text(2, 5), "a", writes: 4, priority: 2);
        for (int i = 0; i < 5; i++)
            engine.Step();
        Assert.Equal((18, 0), (low.Writes, high.Writes));
        for (int i = 0; low.GoesOn(); i++)
        {
            Assert.True(i < 4_000, "An endless stream of higher priority keeps it from ending.");
            if (engine.Turns.Count < 3)
                engine.Add(Text(i, 5), "a", writes: 3, priority: 2);
            engine.Step();
        }
    }

    [Fact]
    public void A_tenant_with_many_requests_takes_no_more_than_one_with_few()
    {
        using var engine = new PretendedEngine(256, s_limits with { Running = 2 });
        for (int i = 0; i < 50; i++)
            engine.Add(Text(i, 30), "many", writes: 10);
        for (int i = 0; i < 5; i++)
            engine.Step();
        PretendedTurn[] few = [.. Enumerable.Range(100, 3).Select(i => engine.Add(Text(i, 30), "few", writes: 10))];
        int steps = 0;
        for (; few.Any(turn => turn.GoesOn()); steps++)
            engine.Step();
        Assert.InRange(steps, 10, 60);
    }

    [Fact]
    public void A_failing_turn_is_found_and_the_others_go_on()
    {
        using var engine = new PretendedEngine(64, s_limits);
        PretendedTurn[] good = [.. Enumerable.Range(0, 3).Select(i => engine.Add(Text(i, 100), "a", writes: 5))];
        PretendedTurn bad = engine.Add(Text(7, 100), "b", writes: 5, isPoison: true);
        engine.Drain();
        Assert.NotNull(bad.Failure);
        Assert.All(good, turn => Assert.Equal((0, null), (turn.Writes, turn.Failure)));
    }

    [Fact]
    public void A_slow_reader_holds_up_nobody()
    {
        using var engine = new PretendedEngine(8, s_limits with { Running = 1 });
        PretendedTurn slow = engine.Add(Text(1, 300), "a", writes: 5);
        for (int i = 0; i < 5; i++)
            engine.Step();
        slow.IsSlow = true;
        PretendedTurn other = engine.Add(Text(2, 400), "b", writes: 5);
        for (int i = 0; i < 20; i++)
            engine.Step();
        Assert.False(other.GoesOn());
        slow.IsSlow = false;
        engine.Drain();
        Assert.Equal((0, null), (slow.Writes, slow.Failure));
    }

    [Fact]
    public void Tenants_leave_nothing_behind()
    {
        using var engine = new PretendedEngine(16, s_limits, kept: 8);
        for (int i = 0; i < 3_000; i++)
        {
            PretendedTurn turn = engine.Add(Text(i, 70), $"tenant {i}");
            engine.Drain();
            engine.Retire(turn.Sequence);
        }

        Assert.InRange(engine.Batcher.Roster.Tenants, 0, 2_100);
        Assert.InRange(engine.Batcher.Prefixes.Tree.Tenants, 0, 8);
        Assert.InRange(engine.States.Pages.Used, 0, 8);
    }

    private static void RandomSteps(bool isRecurrent, int steps)
    {
        using var engine = new PretendedEngine(20, s_limits, kept: 12, isRecurrent) { PublicBlocks = 2 };
        var random = new Random(5);
        engine.Batcher.Prefixes.Tree.Declare(Text(0, 2 * Block));
        List<Sequence> sessions = [];
        for (int step = 0; step < steps; step++)
        {
            if (engine.Turns.Count < 14 && random.Next(4) == 0)
                Arrive(engine, random, sessions);
            if (engine.Turns.Count > 0 && random.Next(40) == 0)
                engine.Turns[random.Next(engine.Turns.Count)].IsCancelled = true;
            if (engine.Turns.Count > 0 && random.Next(10) == 0)
                engine.Turns[random.Next(engine.Turns.Count)].IsSlow ^= true;
            if (sessions.Count > 8)
                Retire(engine, sessions, random.Next(sessions.Count));
            engine.Step(fails: random.Next(50) == 0);
            if (step % 16 == 0)
                engine.CheckPages();
        }

        engine.Turns.ForEach(turn => turn.IsSlow = false);
        engine.Drain();
        long[] counts = [engine.Batcher.Roster.Preemptions, engine.Batcher.Prefixes.Hits, engine.Batcher.Prefixes.Tree.Evictions];
        Assert.All(counts, count => Assert.True(count > 0));
        while (sessions.Count > 0)
            Retire(engine, sessions, 0);
        Assert.Equal(engine.Batcher.Prefixes.Tree.Filled, engine.States.Pages.Used);
    }

    /// <summary>A prompt that begins like others of its tenant, in a new session or an old one.</summary>
    private static void Arrive(PretendedEngine engine, Random random, List<Sequence> sessions)
    {
        string tenant = $"tenant {random.Next(3)}";
        int[] text = [.. Text(0, random.Next(2) * 2 * Block), .. Text(random.Next(3), random.Next(500)), .. Text(random.Next(100), 1 + random.Next(90))];
        Sequence? idle = sessions.Find(session => session.Turn is null && random.Next(3) == 0);
        if (idle is null)
            sessions.Add(idle = engine.NewSequence());
        else
            text = [.. idle.Tokens[..random.Next(idle.Length)], .. text];
        int most = Math.Min(text.Length, 19 * Block);
        engine.Add(idle, text.AsSpan(0, most), idle.Length > 0 ? idle.Tenant : tenant, 1 + random.Next(60), random.Next(3));
    }

    private static void Retire(PretendedEngine engine, List<Sequence> sessions, int at)
    {
        PretendedTurn? running = engine.Turns.Find(turn => ReferenceEquals(turn.Sequence, sessions[at]));
        running?.IsCancelled = true;
        engine.Retire(sessions[at]);
        sessions.RemoveAt(at);
    }

    private static int[] Text(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1, 200))];
    }
}
