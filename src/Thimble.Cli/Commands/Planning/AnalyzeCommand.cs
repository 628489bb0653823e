using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Analyze;
using Thimble.Planning;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble analyze MODEL</c>: where a model's time and memory go on a machine, without running it.</summary>
internal static class AnalyzeCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("MODEL") { Description = "A model's name, file or folder, the config.json of one, or 'default'.", HelpName = "MODEL" };
        var device = new Option<string>("--device") { Description = "A device of the table ('list' shows it); by default this machine as 'thimble profile' measured it.", HelpName = "NAME" };
        Option<int> prompt = Number("Tokens of the prompt, and those that a generated token looks back on. Default 1024.", "--prompt", "-p");
        Option<int> batch = Number("Sequences side by side. Default 1.", "--batch", "-b");
        Option<int> threads = Number("Threads of the measured machine.", "--threads", "-t");
        var bits = new Option<string>("--bits") { Description = "Bits of weights, activations, keys and values, such as 4 or 4,16,8; by default as the file stores weights, and 16.", HelpName = "W[,A[,KV]]" };
        var format = new Option<string>("--format") { Description = "Imagine the model in another weight format, such as Q4_0.", HelpName = "TYPE" };
        var flash = new Option<bool>("--no-flash") { Description = "Attention that writes its scores to memory." };
        var compat = new Option<bool>("--compat") { Description = "The published LLM-Viewer's numbers, with its oddities." };
        var stage = new Option<string>("--stage") { Description = "Whose operations are listed: decode (default) or prefill.", HelpName = "STAGE" };
        var profile = new Option<string>("--profile") { Description = "The measured machine's profile.", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Take a profile of another machine or version." };
        var html = new Option<string>("--html") { Description = "Write a page with roofline, layer and curves; it needs nothing from elsewhere.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        var command = new Command("analyze", "Show where a model's time and memory go, without running it.")
        {
            name, device, prompt, batch, threads, bits, format, flash, compat, stage, profile, force, html, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(device) == "list")
            {
                List(terminal.Out);
                return ExitCode.Success;
            }

            double[] widths = Bits(parsed.GetValue(bits));
            AnalysisOptions options = new()
            {
                Settings = new()
                {
                    Length = Given(prompt) ?? 1024,
                    Batch = Given(batch) ?? 1,
                    WeightBits = widths[0],
                    ActivationBits = widths[1],
                    CacheBits = widths[2],
                    Flash = !parsed.GetValue(flash),
                },
                Device = parsed.GetValue(device) is { } chosen ? Devices.Named(chosen) : null,
                Threads = Given(threads),
                Format = parsed.GetValue(format),
                StatedBits = parsed.GetValue(bits) is not null,
                Compatible = parsed.GetValue(compat),
            };
            if (options.Device is null)
                options = options with { Machine = Machine.Load(parsed.GetValue(profile) ?? Machine.DefaultPath, parsed.GetValue(force)) };
            string word = parsed.GetRequiredValue(name);
            string? path = word.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(word) ? word : Words.Model(word, terminal);
            Analysis analysis = await Task.Run(() => Analysis.Of(path, options), stop);
            if (parsed.GetValue(html) is { } page)
                await File.WriteAllTextAsync(page, analysis.ToHtml(), stop);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(analysis.ToJson());
            else
                Write(terminal.Out, analysis, parsed.GetValue(stage) ?? "decode");
            return ExitCode.Success;

            int? Given(Option<int> option) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;
        });
        return command;
    }

    private static void Write(TextWriter output, Analysis analysis, string stage)
    {
        AnalysedStage shown = stage switch
        {
            "decode" => analysis.Decode,
            "prefill" => analysis.Prefill,
            _ => throw new ArgumentException($"--stage is '{stage}'; known: decode, prefill.", nameof(stage)),
        };
        output.WriteLine($"{analysis.Model} on {analysis.Target}: {analysis.Settings.Batch} x {analysis.Settings.Length} tokens");
        output.WriteLine();
        TextTable.Write(output,
        [
            ["operation", "kernel", "layers", "operations", "weights", "activations", "cache", "ops/byte", "time", "share", "bound"],
            .. shown.Parts.Select(part => (string[])
            [
                part.Name, part.Kernel, Text($"{part.Layers:F0}"), Amount(part.Operations), Units.Bytes((long)part.WeightBytes), Units.Bytes((long)part.ActivationBytes),
                Units.Bytes((long)part.CacheBytes), Text($"{part.Intensity:G3}"), Time(part.Seconds), Text($"{100 * part.Seconds / shown.Seconds:F1} %"), part.Bound,
            ]),
        ]);
        output.WriteLine();
        foreach ((string title, AnalysedStage one) in new[] { ("decode", analysis.Decode), ("prefill", analysis.Prefill) })
        {
            output.WriteLine(Text($"{title}: {Time(one.Seconds)}, {one.TokensPerSecond:G4} tokens/s, {Amount(one.Operations)} operations, {Units.Bytes((long)one.Bytes)} moved, bound by {one.Bound}; ")
                + $"memory {Units.Bytes((long)(one.WeightMemory + one.CacheMemory + one.ActivationMemory))} "
                + $"(weights {Units.Bytes((long)one.WeightMemory)}, keys and values {Units.Bytes((long)one.CacheMemory)}, activations {Units.Bytes((long)one.ActivationMemory)})");
        }
    }

    private static void List(TextWriter output) => TextTable.Write(output,
    [
        ["device", "class", "memory", "GB/s", "Top/s", "source"],
        .. Devices.All.Select(device => (string[])
        [
            device.Name, device.Class, device.MemoryBytes > 0 ? Units.Bytes((long)device.MemoryBytes) : "", Text($"{device.MemoryBytesPerSecond / 1e9:G4}"),
            string.Join(", ", device.OperationsPerSecond.Select(rate => Text($"{rate.Key} {rate.Value / 1e12:G4}"))), device.Source,
        ]),
    ]);

    private static double[] Bits(string? text)
    {
        double[] widths = [16, 16, 16];
        string[] parts = text?.Split(',') ?? [];
        if (parts.Length > widths.Length)
            throw new ArgumentException($"--bits is '{text}'; expected at most three numbers, of weights, activations and cache.", nameof(text));
        for (int i = 0; i < parts.Length; i++)
        {
            widths[i] = double.TryParse(parts[i], CultureInfo.InvariantCulture, out double width) && width is >= 1 and <= 64
                ? width
                : throw new ArgumentException($"--bits: '{parts[i]}' is no number of bits; expected 1 to 64.", nameof(text));
        }

        return widths;
    }

    private static string Time(double seconds) => seconds >= 1 ? Text($"{seconds:G4} s") : seconds >= 1e-3 ? Text($"{seconds * 1e3:G4} ms") : Text($"{seconds * 1e6:G4} us");

    private static string Amount(double count) => Units.Count((long)Math.Min(count, long.MaxValue / 2));

    private static Option<int> Number(string description, string flag, string letter) => new(flag, letter) { Description = description, HelpName = "N" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
