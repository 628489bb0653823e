using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Threads;

public class TeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_share_runs_once(int size)
    {
        using var team = new Team(size);
        int[] counts = new int[size];
        for (int round = 0; round < 2000; round++)
            team.Run(new Count(counts));
        Assert.All(counts, count => Assert.Equal(2000, count));
    }

    [Fact]
    public void Parked_members_wake()
    {
        using var team = new Team(3);
        int[] counts = new int[3];
        for (int round = 0; round < 20; round++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            while (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds < 2)
                Thread.Yield();
            team.Run(new Count(counts));
        }

        Assert.All(counts, count => Assert.Equal(20, count));
    }

    [Fact]
    public void What_a_share_throws_is_thrown_to_the_caller_and_the_team_goes_on()
    {
        using var team = new Team(3);
        for (int member = 0; member < 3; member++)
        {
            int failing = member;
            Assert.Throws<InvalidDataException>(() => team.Run(new Fail(failing)));
        }

        int[] counts = new int[3];
        team.Run(new Count(counts));
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Forking_allocates_nothing()
    {
        using var team = new Team(2);
        int[] counts = new int[2];
        team.Run(new Count(counts));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            team.Run(new Count(counts));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(100, 16, 3)]
    [InlineData(5, 16, 4)]
    [InlineData(1, 1, 2)]
    [InlineData(64, 1, 64)]
    public void Shares_cover_everything_once(int count, int grain, int members)
    {
        int at = 0;
        for (int member = 0; member < members; member++)
        {
            (int first, int end) = Shares.Of(count, grain, member, members);
            Assert.Equal(at, Math.Min(first, count));
            Assert.True(end == count || end % grain == 0);
            at = end;
        }

        Assert.Equal(count, at);
    }

    private readonly struct Count(int[] counts) : ITeamWork
    {
        public void Run(int member, int members) => counts[member]++;
    }

    private readonly struct Fail(int failing) : ITeamWork
    {
        public void Run(int member, int members)
        {
            if (member == failing)
                throw new InvalidDataException("broken");
        }
    }
}
