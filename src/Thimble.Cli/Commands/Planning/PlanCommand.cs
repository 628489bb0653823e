using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Thimble.Cli.Options;
using Thimble.Cli.Output;
using Thimble.Lab.Analyze;
using Thimble.Planning;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble plan MODEL</c>: how to run a model within a budget, and why; or what platform a use asks for.</summary>
internal static class PlanCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("MODEL") { Description = "A model's name, file or folder, the config.json of one, or 'default'.", HelpName = "MODEL" };
        Option<string> memory = Amount("Memory for everything; by default what is free.", "SIZE", "--memory");
        Option<string> first = Amount("The longest until the first token, such as 500ms.", "TIME", "--ttft");
        Option<string> each = Amount("The longest for each further token, such as 40ms.", "TIME", "--tpot");
        Option<string> context = Amount("Tokens that a sequence must hold, such as 32k; by default as many as fit.", "N", "--context", "-c");
        Option<string> prompt = Amount("Tokens of the prompt that the first token waits for. Default 512.", "N", "--prompt", "-p");
        var users = new Option<int>("--users", "-u") { Description = "Sequences side by side. Default 1.", HelpName = "N" };
        var formats = new Option<string>("--formats") { Description = "Weight formats to choose from, with commas between; 'own' for the model's alone.", HelpName = "LIST" };
        var drafter = new Option<string>("--draft") { Description = "A small model that may draft.", HelpName = "MODEL" };
        var accepted = new Option<double>("--acceptance") { Description = "How likely a drafted token is accepted. Default 0.6.", HelpName = "P" };
        var device = new Option<string>("--device") { Description = "Plan for a device of the table ('thimble analyze default --device list').", HelpName = "NAME" };
        var platform = new Option<bool>("--platform") { Description = "Answer what platform the use asks for: operations, bandwidth, memory, and the fewest nodes of the device." };
        var use = new Option<string>("--use") { Description = "With --platform: a use by name: chat, question-answering, summarisation or code.", HelpName = "NAME" };
        var number = new Option<string>("--number") { Description = "With --platform: what everything is stored and computed in: F32, F16 (default), I8 or I4.", HelpName = "TYPE" };
        var profile = new Option<string>("--profile") { Description = "The measured machine's profile.", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Take a profile of another machine or version." };
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        var command = new Command("plan", "Choose how to run a model within a budget, and say why.")
        {
            name, memory, first, each, context, prompt, users, formats, drafter, accepted, device, platform, use, number, profile, force, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            PlanOptions options = new()
            {
                MemoryBytes = parsed.GetValue(memory) is { } size ? Amounts.Bytes(size) : null,
                FirstToken = parsed.GetValue(first) is { } wait ? Amounts.Time(wait) : null,
                PerToken = parsed.GetValue(each) is { } step ? Amounts.Time(step) : null,
                Context = parsed.GetValue(context) is { } length ? Amounts.Count(length) : null,
                Prompt = parsed.GetValue(prompt) is { } tokens ? Amounts.Count(tokens) : null,
                Users = parsed.GetResult(users) is { Implicit: false } ? parsed.GetValue(users) : 1,
                Formats = parsed.GetValue(formats) switch { null => null, "own" => [], var list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
                Drafter = parsed.GetValue(drafter) is { } small ? Words.Model(small, terminal) : null,
                Device = parsed.GetValue(device) is { } chosen ? Devices.Named(chosen) : null,
                Machine = parsed.GetValue(profile) is { } kept ? Machine.Load(kept, parsed.GetValue(force)) : null,
            };
            if (parsed.GetResult(accepted) is { Implicit: false })
                options = options with { Acceptance = parsed.GetValue(accepted) };
            string word = parsed.GetRequiredValue(name);
            string? path = word.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(word) ? word : Words.Model(word, terminal);
            if (parsed.GetValue(platform))
            {
                PlatformAnswer answer = await Task.Run(() => PlatformAnswer.Of(path, Platform(options, parsed.GetValue(use), parsed.GetValue(number))), stop);
                terminal.Out.WriteLine(parsed.GetValue(json) ? answer.ToJson() : answer.ToString());
                return ExitCode.Success;
            }

            var work = Task.Run(() => Planner.Plan(path, options), stop);
            await Waiting.ForAsync(terminal, "planning", work);
            PlanningResult result = await work;
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize(PlanReport.Of(result), PlanJson.Default.PlanReport));
            else
                Write(terminal.Out, result);
            return result.Best is null ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static void Write(TextWriter output, PlanningResult result)
    {
        output.WriteLine($"{result.Model} on {result.Machine}: {result.Tried} plans weighed");
        output.WriteLine();
        if (result.Best is { } best)
        {
            Write(output, best);
            foreach (string reason in best.Reasons)
                output.WriteLine($"- {reason}");
            return;
        }

        output.WriteLine("No plan keeps the budget.");
        foreach (Shortfall shortfall in result.Shortfalls)
            output.WriteLine($"- {shortfall}");
        output.WriteLine();
        output.WriteLine($"The nearest plan works with {result.Remedy}:");
        Write(output, result.Nearest!);
    }

    private static void Write(TextWriter output, Plan plan) => TextTable.Write(output,
    [
        ["weights", $"{plan.WeightFormat}{(plan.Quantises ? ", to be quantised" : "")}"],
        ["keys and values", $"{plan.CacheFormat}, {plan.Context} tokens x {plan.Users}"],
        ["threads", Text($"{plan.Threads}")],
        ["prompts by", Text($"{plan.PrefillChunk} tokens")],
        ["residency", plan.FromDisk > 0 ? Text($"{plan.Residency}, {100 * plan.FromDisk:F0} % read for every token") : plan.Residency],
        .. plan.Drafter is { } drafter ? (string[][])[["drafter", Text($"{Path.GetFileName(drafter.Model)}, {drafter.Tokens} tokens")]] : [],
        ["memory", $"{Units.Bytes((long)plan.MemoryBytes)} (weights {Units.Bytes((long)plan.WeightBytes)}, keys and values {Units.Bytes((long)plan.CacheBytes)}, other {Units.Bytes((long)plan.OtherBytes)})"],
        ["first token", Text($"{plan.FirstToken.TotalMilliseconds:F0} ms")],
        ["per token", Text($"{plan.PerToken.TotalMilliseconds:G3} ms, {plan.TokensPerSecond:G3} tokens/s in all, bound by {plan.Bound}")],
    ]);

    private static PlatformOptions Platform(PlanOptions options, string? use, string? number)
    {
        PlatformOptions asked = new()
        {
            Use = use,
            Users = options.Users,
            Device = options.Device,
            Drafter = options.Drafter,
            Acceptance = options.Acceptance,
            Number = number?.ToUpperInvariant() ?? Device.F16,
        };
        return asked with
        {
            Prompt = options.Prompt ?? asked.Prompt,
            FirstToken = options.FirstToken ?? asked.FirstToken,
            PerToken = options.PerToken ?? asked.PerToken,
        };
    }

    private static Option<string> Amount(string description, string unit, params string[] flags) =>
        new(flags[0], flags[1..]) { Description = description, HelpName = unit };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
