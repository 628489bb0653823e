using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Threads;

public sealed class CoresTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("thimble-cores");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Hardware_threads_of_one_core_count_once()
    {
        Machine("0-3", (0, "0,2", 100), (1, "1,3", 100), (2, "0,2", 100), (3, "1,3", 100));
        Assert.Equal([0, 1], Cores.Find(_root.FullName, 4));
    }

    [Fact]
    public void A_core_of_which_only_the_second_thread_is_ours_still_counts()
    {
        Machine("2-3", (2, "0,2", 100), (3, "1,3", 100));
        Assert.Equal([2, 3], Cores.Find(_root.FullName, 4));
    }

    [Fact]
    public void Slow_cores_do_not_count()
    {
        Machine("0-3", (0, "0", 1024), (1, "1", 1000), (2, "2", 446), (3, "3", 446));
        Assert.Equal([0, 1], Cores.Find(_root.FullName, 4));
    }

    [Fact]
    public void Efficient_cores_do_not_count_whatever_their_clock()
    {
        Machine("0-3", (0, "0-1", 5000), (1, "0-1", 5000), (2, "2", 4500), (3, "3", 4500));
        Write("sys/devices/cpu_atom/cpus", "2-3");
        Assert.Equal([0], Cores.Find(_root.FullName, 4));
    }

    [Fact]
    public void A_share_of_the_machine_is_not_exceeded()
    {
        Machine("0-2", (0, "0", 1), (1, "1", 1), (2, "2", 1));
        Assert.Equal([0, 1], Cores.Find(_root.FullName, 2));
    }

    [Fact]
    public void A_system_that_tells_nothing_gives_none() => Assert.Empty(Cores.Find(_root.FullName, 4));

    private void Machine(string allowed, params (int Number, string Siblings, int Speed)[] cores)
    {
        Write("proc/self/status", $"Name:\tx\nCpus_allowed_list:\t{allowed}\nMems_allowed_list:\t0");
        foreach ((int number, string siblings, int speed) in cores)
        {
            Write($"sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list", siblings + "\n");
            Write($"sys/devices/system/cpu/cpu{number}/cpu_capacity", $"{speed}\n");
        }
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
