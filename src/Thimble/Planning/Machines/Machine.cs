using System.Text.Json;
using System.Text.Json.Serialization;

namespace Thimble.Planning;

/// <summary>A machine as it was measured: what its memories give, what its kernels compute, what its disk reads.</summary>
/// <example><code>
/// Machine machine = Machine.Measure();
/// machine.Save(Machine.DefaultPath);
/// </code></example>
public sealed record Machine
{
    /// <summary>The version of what is measured; a profile of another is measured again.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The environment variable that names the profile's file.</summary>
    public const string Variable = "THIMBLE_PROFILE";

    /// <summary>The version that this profile was measured with.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The machine's name in its network.</summary>
    public required string Name { get; init; }

    /// <summary>When it was measured.</summary>
    public required DateTimeOffset Measured { get; init; }

    /// <summary>Its processor, as the system calls it.</summary>
    public required string Processor { get; init; }

    /// <summary>The widest registers that kernels use, such as <c>512 bit</c>.</summary>
    public required string Registers { get; init; }

    /// <summary>Its operating system and runtime.</summary>
    public string System { get; init; } = "";

    /// <summary>Hardware threads that this process may use.</summary>
    public required int HardwareThreads { get; init; }

    /// <summary>The first hardware thread of each fast physical core.</summary>
    public required IReadOnlyList<int> Cores { get; init; }

    /// <summary>Bytes of memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of memory that were free.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes of a page.</summary>
    public int PageBytes { get; init; }

    /// <summary>Whether the system gives large pages, in its own word: <c>always</c>, <c>madvise</c>, <c>never</c>; empty where unknown.</summary>
    public string LargePages { get; init; } = "";

    /// <summary>What each level of memory gives, nearest first.</summary>
    public required IReadOnlyList<MemoryLevel> Levels { get; init; }

    /// <summary>What kernels compute with operands at hand.</summary>
    public required IReadOnlyList<KernelRate> Kernels { get; init; }

    /// <summary>What the disk reads, cold unless it says otherwise.</summary>
    public IReadOnlyList<StorageRate> Storage { get; init; } = [];

    /// <summary>Seconds of a fork and join of all threads.</summary>
    public double ForkSeconds { get; init; }

    /// <summary>How far measurements differed, as a share of their median, at the worst.</summary>
    public double Spread { get; init; }

    /// <summary>Measurements that were taken again since they differed too much.</summary>
    public int Repeated { get; init; }

    /// <summary>Measurements that differed too much to the end: the machine was busy.</summary>
    public IReadOnlyList<string> Noisy { get; init; } = [];

    /// <summary>Shares of these rates that whole models reach, fitted to runs; empty for all of it.</summary>
    public IReadOnlyList<Efficiency> Efficiencies { get; init; } = [];

    /// <summary>Where the profile is kept: the file that <c>THIMBLE_PROFILE</c> names, or <c>thimble/machine.json</c> among the user's data.</summary>
    public static string DefaultPath => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "thimble", "machine.json");

    /// <summary>Measures this machine; it should be idle.</summary>
    /// <param name="options">What is measured; null for everything.</param>
    /// <param name="progress">Told what is measured now; null for nobody.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <remarks>Cost: 15 to 60 seconds, and a file of 128 MiB that is deleted again.</remarks>
    public static Machine Measure(ProfileOptions? options = null, Action<string>? progress = null, CancellationToken cancellation = default) =>
        new Profiler(options ?? new(), progress, cancellation).Run();

    /// <summary>This machine: as its profile says, or as a short measurement finds it where there is none for it.</summary>
    /// <param name="formats">Formats that such a measurement measures.</param>
    internal static Machine Here(IReadOnlyList<string> formats)
    {
        if (File.Exists(DefaultPath))
        {
            Machine kept = Load(DefaultPath, force: true);
            if (kept.Strange().Name is null)
                return kept;
        }

        return Measure(new() { Quick = true, StorageFolder = "", Formats = [.. formats.Append("F32").Distinct()] });
    }

    /// <summary>Reads a profile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="force">Whether a profile of another machine or version is taken nevertheless.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, of another machine or version, or says something absurd; the message names it.</exception>
    public static Machine Load(string path, bool force = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no profile '{path}'; 'thimble profile' measures this machine.", path);
        Machine machine;
        try
        {
            machine = JsonSerializer.Deserialize(File.ReadAllBytes(path), MachineJson.Default.Machine)
                ?? throw new InvalidDataException($"'{path}' holds nothing; expected a profile. 'thimble profile' measures this machine.");
        }
        catch (JsonException damage)
        {
            throw new InvalidDataException($"'{path}' is no profile: {damage.Message} 'thimble profile' measures this machine.", damage);
        }

        machine.Check(path);
        if (!force)
            machine.CheckHome(path);
        return machine;
    }

    /// <summary>Writes a profile.</summary>
    /// <param name="path">The file; its folder is made.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(path, ToJson() + "\n");
    }

    /// <summary>The profile as <see cref="Save"/> writes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MachineJson.Default.Machine);

    /// <summary>Refuses what no machine can be.</summary>
    private void Check(string path)
    {
        Range("HardwareThreads", HardwareThreads, 1, 1 << 16);
        Range("MemoryBytes", MemoryBytes, 1 << 20, 1L << 50);
        Range("ForkSeconds", ForkSeconds, 0, 1);
        if (Levels.Count == 0)
            throw new InvalidDataException($"'{path}': Levels is empty; expected at least 'memory'.");
        foreach (MemoryLevel level in Levels)
        {
            Range($"Levels[{level.Name}].Bytes", level.Bytes, 1 << 10, 1L << 50);
            foreach (ThreadRate rate in level.Rates)
                Range($"Levels[{level.Name}].Rates[{rate.Threads}]", rate.PerSecond, 1e6, 1e15);
        }

        foreach (KernelRate kernel in Kernels)
            Range($"Kernels[{kernel.Kernel}, {kernel.Tokens} tokens, {kernel.Threads} threads]", kernel.OperationsPerSecond, 1e5, 1e17);
        foreach (StorageRate rate in Storage)
            Range($"Storage[{rate.ChunkBytes} x {rate.Depth}]", rate.BytesPerSecond, 1e3, 1e13);
        foreach (Efficiency efficiency in Efficiencies)
            Range($"Efficiencies[{efficiency.Kernel}, {efficiency.Level}]", efficiency.Share, 1e-4, 100);

        void Range(string name, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
                throw new InvalidDataException(FormattableString.Invariant($"'{path}': {name} is {value}; expected {least:g3} to {most:g3}. 'thimble profile' measures this machine."));
        }
    }

    /// <summary>Refuses what was measured elsewhere, or otherwise.</summary>
    private void CheckHome(string path)
    {
        (string? name, object? has, object? expected) = Strange();
        if (name is not null)
            throw new InvalidDataException($"'{path}' was measured elsewhere: {name} is '{has}', here it is '{expected}'. Measure this machine with 'thimble profile', or take it nevertheless with --force.");
    }

    /// <summary>The first trait in which this machine differs; no name where it is this one.</summary>
    private (string? Name, object? Has, object? Expected) Strange()
    {
        (string Name, object Has, object Expected)[] traits =
        [
            ("Version", Version, CurrentVersion), ("Name", Name, Environment.MachineName), ("Processor", Processor, Topology.Processor),
            ("HardwareThreads", HardwareThreads, Environment.ProcessorCount), ("Registers", Registers, Topology.Registers),
        ];
        return Array.Find(traits, trait => !trait.Has.Equals(trait.Expected));
    }
}

/// <summary>A level of memory.</summary>
/// <param name="Name"><c>L1</c>, <c>L2</c>, <c>L3</c> or <c>memory</c>.</param>
/// <param name="Bytes">Bytes that it holds: of one core's, or of all where they share it.</param>
/// <param name="Shared">Whether cores share it.</param>
/// <param name="Rates">Bytes a second that so many threads read together.</param>
public sealed record MemoryLevel(string Name, long Bytes, bool Shared, IReadOnlyList<ThreadRate> Rates);

/// <summary>A rate of so many threads together.</summary>
/// <param name="Threads">Threads.</param>
/// <param name="PerSecond">The rate.</param>
public sealed record ThreadRate(int Threads, double PerSecond);

/// <summary>What a kernel computes.</summary>
/// <param name="Kernel">A weight's format, or another kernel's name.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Tokens">Tokens that meet a weight at once.</param>
/// <param name="OperationsPerSecond">Operations a second; a multiply-add counts as two.</param>
public sealed record KernelRate(string Kernel, int Threads, int Tokens, double OperationsPerSecond);

/// <summary>What a disk reads.</summary>
/// <param name="ChunkBytes">Bytes of one read.</param>
/// <param name="Depth">Reads in flight.</param>
/// <param name="BytesPerSecond">Bytes a second.</param>
/// <param name="Cold">Whether the system's cache was emptied before.</param>
public sealed record StorageRate(int ChunkBytes, int Depth, double BytesPerSecond, bool Cold);

/// <summary>The share of a kernel's rate, or of a level's, that whole models reach.</summary>
/// <param name="Kernel">The kernel; <c>*</c> for any.</param>
/// <param name="Level">What bounds it: <c>compute</c>, or a level of memory.</param>
/// <param name="Share">The share.</param>
public sealed record Efficiency(string Kernel, string Level, double Share);

/// <summary>What is measured of a machine.</summary>
public sealed record ProfileOptions
{
    /// <summary>Weight formats whose multipliers are measured.</summary>
    public IReadOnlyList<string> Formats { get; init; } = ["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_0", "Q4_K", "Q4_0", "Q3_K", "Q2_K", "TQ2_0"];

    /// <summary>The folder whose disk is measured; null for the system's folder of temporary files, empty for none.</summary>
    public string? StorageFolder { get; init; }

    /// <summary>Threads at most; null for one on each fast core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Threads { get; init => field = value < 1 ? throw new ArgumentOutOfRangeException(nameof(Threads), value, $"Threads is {value}; expected 1 or more.") : value; }

    /// <summary>Whether measurements are short, for a first impression.</summary>
    public bool Quick { get; init; }

    /// <summary>Tells the date; null for the system's clock.</summary>
    public TimeProvider? Time { get; init; }
}

/// <summary>How profiles are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Machine))]
internal sealed partial class MachineJson : JsonSerializerContext;
