using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Planning;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble profile</c>: what this machine's memories, kernels and disk give, kept for predictions and plans.</summary>
internal static class ProfileCommand
{
    public static Command Create(Terminal terminal)
    {
        var output = new Option<string>("--output", "-o") { Description = "The file; by default where 'analyze' and 'plan' look for it.", HelpName = "FILE" };
        var folder = new Option<string>("--storage") { Description = "The folder whose disk is measured; 'none' for no disk. By default that of temporary files.", HelpName = "FOLDER" };
        var threads = new Option<int>("--threads", "-t") { Description = "Threads at most; one on each physical core by default.", HelpName = "N" };
        var quick = new Option<bool>("--quick") { Description = "Measure less often: a first impression in a few seconds." };
        var show = new Option<bool>("--show") { Description = "Show the profile that is kept, without measuring." };
        var force = new Option<bool>("--force") { Description = "Show a profile of another machine or version too." };
        var json = new Option<bool>("--json") { Description = "Write the profile as one JSON object." };
        var command = new Command("profile", "Measure this machine: memories, kernels, disk.") { output, folder, threads, quick, show, force, json };
        command.SetAction(async (parsed, stop) =>
        {
            string path = parsed.GetValue(output) ?? Machine.DefaultPath;
            Machine machine;
            if (parsed.GetValue(show))
            {
                machine = Machine.Load(path, parsed.GetValue(force));
            }
            else
            {
                ProfileOptions options = new()
                {
                    StorageFolder = parsed.GetValue(folder) is { } named ? named == "none" ? "" : named : null,
                    Threads = parsed.GetResult(threads) is { Implicit: false } ? parsed.GetValue(threads) : null,
                    Quick = parsed.GetValue(quick),
                    Time = terminal.Time,
                };
                string now = "measuring";
                var work = Task.Run(() => Machine.Measure(options, what => Volatile.Write(ref now, what), stop), stop);
                await Waiting.ForAsync(terminal, "measuring this machine", work);
                machine = await work;
                machine.Save(path);
            }

            if (parsed.GetValue(json))
                terminal.Out.WriteLine(machine.ToJson());
            else
                Write(terminal.Out, machine, path);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(TextWriter output, Machine machine, string path)
    {
        output.WriteLine($"{machine.Name}: {machine.Processor}, {machine.Cores.Count} cores of {machine.HardwareThreads} hardware threads, {machine.Registers}, {Units.Bytes(machine.MemoryBytes)}");
        output.WriteLine();
        int[] counts = [.. machine.Levels.SelectMany(level => level.Rates).Select(rate => rate.Threads).Distinct().Order()];
        TextTable.Write(output,
        [
            ["memory", "holds", .. counts.Select(count => Text($"{count} thr, GB/s"))],
            .. machine.Levels.Select(level => (string[])[level.Name, Units.Bytes(level.Bytes), .. counts.Select(count =>
                level.Rates.FirstOrDefault(rate => rate.Threads == count) is { } rate ? Text($"{rate.PerSecond / 1e9:F1}") : "")]),
        ]);
        output.WriteLine();
        int[] tokens = [.. machine.Kernels.Select(rate => rate.Tokens).Distinct().Order()];
        TextTable.Write(output,
        [
            ["kernel", "threads", .. tokens.Select(count => Text($"{count} tok, Gop/s"))],
            .. machine.Kernels.GroupBy(rate => (rate.Kernel, rate.Threads)).Select(group => (string[])[group.Key.Kernel, Text($"{group.Key.Threads}"), .. tokens.Select(count =>
                group.FirstOrDefault(rate => rate.Tokens == count) is { } rate ? Text($"{rate.OperationsPerSecond / 1e9:F1}") : "")]),
        ]);
        if (machine.Storage.Count > 0)
        {
            output.WriteLine();
            TextTable.Write(output,
            [
                ["disk reads of", "in flight", "MB/s", ""],
                .. machine.Storage.Select(rate => (string[])[$"{rate.ChunkBytes >> 10} KiB", Text($"{rate.Depth}"), Text($"{rate.BytesPerSecond / 1e6:F0}"), rate.Cold ? "cold" : "from the system's cache"]),
            ]);
        }

        output.WriteLine();
        output.WriteLine(Text($"fork and join {machine.ForkSeconds * 1e6:F2} us; {machine.Repeated} measurements taken again, the worst differ by {100 * machine.Spread:F0} %"));
        if (machine.Noisy.Count > 0)
            output.WriteLine(Text($"{machine.Noisy.Count} of them stayed uncertain, since the machine was busy: {string.Join("; ", machine.Noisy.Take(4))}{(machine.Noisy.Count > 4 ? " ..." : "")}. Measure again while it is idle."));
        output.WriteLine($"kept in {path}, measured {machine.Measured.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
