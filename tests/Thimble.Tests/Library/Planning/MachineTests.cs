using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public sealed class MachineTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"thimble-machine-{Guid.NewGuid():N}.json");

    [Fact]
    public void What_is_saved_is_loaded()
    {
        Made.Save(_path);
        var loaded = Machine.Load(_path);
        Assert.Equal(Made.ToJson(), loaded.ToJson());
        Assert.Equal(Made.Levels[1].Rates[0], loaded.Levels[1].Rates[0]);
    }

    [Fact]
    public void Another_machines_profile_is_refused_unless_forced()
    {
        (Made with { Processor = "Z80" }).Save(_path);
        var refused = Assert.Throws<InvalidDataException>(() => Machine.Load(_path));
        Assert.Contains("Processor is 'Z80'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Z80", Machine.Load(_path, force: true).Processor);
    }

    [Fact]
    public void Another_versions_profile_is_refused()
    {
        (Made with { Version = 99 }).Save(_path);
        Assert.Contains("Version is '99'", Assert.Throws<InvalidDataException>(() => Machine.Load(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absurd_numbers_are_refused_by_name()
    {
        (Made with { Levels = [new("memory", 1L << 34, true, [new(1, -5)])] }).Save(_path);
        Assert.Contains("Levels[memory].Rates[1] is -5", Assert.Throws<InvalidDataException>(() => Machine.Load(_path, force: true)).Message, StringComparison.Ordinal);
        (Made with { Kernels = [new("Q4_0", 1, 1, 1e30)] }).Save(_path);
        Assert.Contains("Kernels[Q4_0, 1 tokens, 1 threads]", Assert.Throws<InvalidDataException>(() => Machine.Load(_path, force: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_broken_profile_says_what_to_do()
    {
        Assert.Contains("thimble profile", Assert.Throws<FileNotFoundException>(() => Machine.Load(_path)).Message, StringComparison.Ordinal);
        File.WriteAllText(_path, "{ \"name\": 5 }");
        Assert.Contains(_path, Assert.Throws<InvalidDataException>(() => Machine.Load(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void A_quick_measurement_has_a_rate_for_everything()
    {
        var machine = Machine.Measure(new() { Quick = true, Formats = ["F32", "Q4_0"], Threads = 1, StorageFolder = Path.GetTempPath() });
        machine.Save(_path);
        Assert.Equal(machine.Name, Machine.Load(_path).Name);
        Assert.Equal("memory", machine.Levels[^1].Name);
        Assert.All(machine.Levels.SelectMany(level => level.Rates), rate => Assert.True(rate.PerSecond > 1e8));
        Assert.Contains(machine.Kernels, rate => rate is { Kernel: "Q4_0", Tokens: 64 });
        Assert.All(machine.Storage, rate => Assert.True(rate.BytesPerSecond > 0));
    }

    /// <summary>A machine of round numbers: 100 GB/s from 1 MB of cache, 10 GB/s from memory, 100 Gop/s in any format.</summary>
    internal static Machine Made { get; } = new()
    {
        Name = Environment.MachineName,
        Measured = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Processor = Topology.Processor,
        Registers = Topology.Registers,
        HardwareThreads = Environment.ProcessorCount,
        Cores = [0, 1],
        MemoryBytes = 8L << 30,
        FreeBytes = 4L << 30,
        Levels = [new("L2", 1_000_000, false, [new(1, 100e9), new(2, 200e9)]), new("memory", 8L << 30, true, [new(1, 10e9), new(2, 15e9)])],
        Kernels =
        [
            .. new[] { "F32", "Q8_0", "Q4_0", "Q4_K", "attention", "norm", "map" }.SelectMany(kernel => new[] { 1, 2 }.SelectMany(threads => new[] { 1, 64 }.Select(
                tokens => new KernelRate(kernel, threads, tokens, threads * 100e9)))),
        ],
        ForkSeconds = 1e-6,
    };

    public void Dispose() => File.Delete(_path);
}
