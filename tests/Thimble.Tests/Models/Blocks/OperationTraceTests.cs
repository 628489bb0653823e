using Thimble.Models.Blocks;

namespace Thimble.Tests.Models.Blocks;

public class OperationTraceTests
{
    [Fact]
    public void Time_is_that_of_the_operation_it_passed_in()
    {
        var clock = new Clock();
        var trace = new OperationTrace(clock) { Layer = 3 };
        using (OperationTrace.Of(trace, "Outer", 1, 8, 8))
        {
            clock.Pass(2);
            using (OperationTrace.Of(trace, "Inner", 1, 8, 4))
                clock.Pass(5);   // as if it slept five milliseconds
            clock.Pass(1);
        }

        Assert.Equal([("Inner", 5), ("Outer", 3)], trace.Operations.Select(operation => (operation.Kind, (int)operation.Time.TotalMilliseconds)));
        Assert.All(trace.Operations, operation => Assert.Equal("blk.3", operation.Name));
    }

    [Fact]
    public void Without_a_trace_nothing_is_timed_and_nothing_allocated()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            using OperationMark mark = OperationTrace.Of(null, "Any", 1, 1, 1);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _ticks;

        public void Pass(int milliseconds) => _ticks += milliseconds;
    }
}
