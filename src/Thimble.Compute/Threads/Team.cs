using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Threads;

/// <summary>Threads that fork and join over the cores: the caller is member 0, the others wait, first spinning, then parked.</summary>
/// <remarks>One caller at a time. A fork and join allocates nothing and, while the members spin, costs well under a microsecond.</remarks>
internal sealed unsafe class Team : IDisposable
{
    /// <summary>How long a member spins before it parks: longer than the gaps between the steps of a token.</summary>
    private static readonly long s_spinTicks = Stopwatch.Frequency / 5000;

    private readonly Member[] _others;
    private readonly bool _pinned;   // only if it takes all cores: a smaller team leaves the choice to the system, beside other work
    private delegate*<void*, int, int, void> _run;
    private void* _work;
    private Counter _epoch, _working;
    private volatile bool _closed;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts a team.</summary>
    /// <param name="size">Members, the caller included; at least 1.</param>
    /// <param name="pinned">Whether each member keeps to a core of its own; the caller does so after <see cref="Pin()"/>.</param>
    public Team(int size, bool pinned = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        _pinned = pinned && size > 1 && size == Cores.Fast.Length;
        _others = new Member[size - 1];
        for (int i = 0; i < _others.Length; i++)
            _others[i] = new Member(this, i + 1);
    }

    /// <summary>Members, the caller included.</summary>
    public int Size { get; }

    /// <summary>Ties the calling thread, which will call <see cref="Run"/> from now on, to the core that is left to it.</summary>
    public void Pin() => Pin(0);

    /// <summary>Runs every share of some work and returns when all are done.</summary>
    /// <remarks>What one share throws is thrown again here.</remarks>
    public void Run<TWork>(scoped in TWork work)
        where TWork : ITeamWork, allows ref struct
    {
        if (Size == 1)
        {
            work.Run(0, 1);
            return;
        }

        _run = &Invoke<TWork>;
        _work = Unsafe.AsPointer(ref Unsafe.AsRef(in work));   // the caller's stack: it stays while the caller waits here
        Volatile.Write(ref _working.Value, _others.Length);
        Interlocked.Increment(ref _epoch.Value);
        foreach (Member member in _others)
            member.Wake();

        try
        {
            work.Run(0, Size);
        }
        finally
        {
            Join();
        }

        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_closed)
            return;

        _closed = true;
        Interlocked.Increment(ref _epoch.Value);
        foreach (Member member in _others)
            member.Dispose();
    }

    private static void Invoke<TWork>(void* work, int member, int members)
        where TWork : ITeamWork, allows ref struct =>
        Unsafe.AsRef<TWork>(work).Run(member, members);

    private void Pin(int member)
    {
        if (_pinned)
            Affinity.Pin(Cores.Fast[member]);
    }

    private void Join()
    {
        var spin = new Patience();
        while (Volatile.Read(ref _working.Value) != 0)
            spin.Once();
    }

    private void Share(int member)
    {
        try
        {
            _run(_work, member, Size);
        }
        catch (Exception exception)
        {
            // Rethrown by the caller of Run; a thread of our own has nobody above it.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }

        Interlocked.Decrement(ref _working.Value);
    }

    /// <summary>Waits a few nanoseconds: <see cref="Thread.SpinWait"/> takes many times as long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pause()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else if (ArmBase.IsSupported)
            ArmBase.Yield();
        else
            Thread.SpinWait(1);
    }

    /// <summary>A counter alone on its cache line, so that spinning on one does not slow writing another.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private struct Counter
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public int Value;
    }

    /// <summary>Spins a bounded time, then gives the core away each time.</summary>
    private struct Patience
    {
        private int _rounds;

        public void Once()
        {
            if (++_rounds < 50_000)
                Pause();
            else
                Thread.Yield();
        }
    }

    private sealed class Member : IDisposable
    {
        private readonly Team _team;
        private readonly int _number;
        private readonly Thread _thread;
        private readonly AutoResetEvent _signal = new(false);
        private int _parked;

        public Member(Team team, int number)
        {
            (_team, _number) = (team, number);
            _thread = new Thread(Work) { IsBackground = true, Name = $"Thimble {number}" };
            _thread.Start();
        }

        public void Wake()
        {
            if (Volatile.Read(ref _parked) == 1 && Interlocked.Exchange(ref _parked, 0) == 1)
                _signal.Set();
        }

        public void Dispose()
        {
            Wake();
            _thread.Join();
            _signal.Dispose();
        }

        private void Work()
        {
            _team.Pin(_number);
            int seen = 0;
            while (true)
            {
                Await(seen);
                if (_team._closed)
                    return;

                seen++;
                _team.Share(_number);
            }
        }

        private void Await(int seen)
        {
            long start = Stopwatch.GetTimestamp();
            for (int round = 1; Volatile.Read(ref _team._epoch.Value) == seen; round++)
            {
                Pause();
                if (round % 64 != 0 || Stopwatch.GetTimestamp() - start < s_spinTicks)   // the clock takes longer than the look
                    continue;

                // Announced first, then looked again: a caller that missed the announcement has raised the epoch before the look.
                Interlocked.Exchange(ref _parked, 1);
                if (Volatile.Read(ref _team._epoch.Value) != seen)
                {
                    if (Interlocked.Exchange(ref _parked, 0) == 0)
                        _signal.WaitOne();   // the caller took the announcement: its signal is on the way
                    return;
                }

                _signal.WaitOne();
                start = Stopwatch.GetTimestamp();
            }
        }
    }
}
