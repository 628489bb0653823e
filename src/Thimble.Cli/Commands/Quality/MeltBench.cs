using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Evaluate;
using Thimble.Lab.Measure;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble bench MODEL… --suite melt</c>: whole conversations, each configuration in fresh processes.</summary>
internal sealed class MeltBench
{
    private readonly Option<string?> _suite = new("--suite") { Description = "'melt': whole conversations of several models, formats and thread counts, each in fresh processes.", HelpName = "NAME" };
    private readonly Option<string> _conversations = new("--conversations") { Description = "What users say, a JSON list of lists.", HelpName = "FILE", DefaultValueFactory = _ => Path.Combine("data", "melt-prompts", "conversations.json") };
    private readonly Option<int?> _limit = new("--limit") { Description = "The most conversations.", HelpName = "N" };
    private readonly Option<string> _threads = new("--threads-list") { Description = "Thread counts to measure, separated by commas; 0 for one on each physical core.", HelpName = "N,N", DefaultValueFactory = _ => "0" };
    private readonly Option<double> _sustained = new("--sustained") { Description = "Seconds of replies without a pause.", HelpName = "S" };
    private readonly Option<double> _rest = new("--rest") { Description = "Seconds of rest before each process.", HelpName = "S", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _traced = new("--traced") { Description = "Tokens whose operations are timed one by one.", HelpName = "N", DefaultValueFactory = _ => 32 };
    private readonly Option<string?> _llama = new("--llama") { Description = "llama.cpp's llama-bench, to run on the same models.", HelpName = "PROGRAM" };
    private readonly Option<string?> _log = new("--llama-log") { Description = "Read a per-operation log of llama.cpp instead, as MELT ships one.", HelpName = "FILE" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write NAME.json and NAME.html.", HelpName = "NAME" };
    private readonly Option<string?> _quality = new("--quality") { Description = "Suites of 'eval' to run on each model as well.", HelpName = "NAMES" };
    private readonly Option<string> _data = new("--data") { Description = "The folder that data sets lie in.", HelpName = "FOLDER", DefaultValueFactory = _ => "data" };

    /// <summary>Adds its options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_suite, _conversations, _limit, _threads, _sustained, _rest, _traced, _llama, _log, _output, _quality, _data])
            command.Options.Add(option);
    }

    /// <summary>Whether it is asked for.</summary>
    /// <exception cref="ArgumentException">Another suite is.</exception>
    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_suite) switch
    {
        null => false,
        "melt" => true,
        var other => throw new ArgumentException($"There is no suite '{other}' of bench; known: melt. Suites of questions are run by 'thimble eval'."),
    };

    /// <summary>Measures.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="terminal">Where results go.</param>
    /// <param name="models">Models as typed.</param>
    /// <param name="repeats">Processes of each configuration; null for the usual.</param>
    /// <param name="tokens">The longest reply; null for the usual.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(ParseResult parsed, Terminal terminal, string[] models, int? repeats, int? tokens, CancellationToken stop)
    {
        if (parsed.GetValue(_log) is { } log)
        {
            TextTable.Write(terminal.Out, [.. MeltReport.LlamaLog(File.ReadLines(log))]);
            return;
        }

        string[] paths = [.. models.Select(word => Words.Model(word, terminal) ?? EvaluationOptions.ModelInside)];
        MeltOptions options = new()
        {
            Models = paths,
            Threads = [.. parsed.GetValue(_threads)!.Split(',').Select(Number)],
            Conversations = MeltOptions.ReadConversations(parsed.GetValue(_conversations)!, parsed.GetValue(_limit)),
            Sustained = TimeSpan.FromSeconds(parsed.GetValue(_sustained)),
            Rest = TimeSpan.FromSeconds(parsed.GetValue(_rest)),
            TracedTokens = parsed.GetValue(_traced),
            LlamaBench = parsed.GetValue(_llama),
        };
        options = options with { Repeats = repeats ?? options.Repeats, MaxTokens = tokens ?? options.MaxTokens };
        Task<MeltResult> work = Melt.RunAsync(options, OwnProcessAsync, null, stop);
        await Waiting.ForAsync(terminal, "measuring", work);
        MeltResult result = await work;
        TextTable.Write(terminal.Out, [.. MeltReport.Table(result)]);
        if (parsed.GetValue(_output) is { } name)
        {
            await File.WriteAllTextAsync(name + ".json", result.ToJson(), stop);
            await File.WriteAllTextAsync(name + ".html", MeltReport.Html(result), stop);
        }

        string[] suites = parsed.GetValue(_quality)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        foreach (string path in suites.Length > 0 ? paths : [])
        {
            terminal.Out.WriteLine($"\n{Path.GetFileName(path)}");
            string? file = path == EvaluationOptions.ModelInside ? null : path;
            EvalTable.Write(terminal.Out, await Evaluation.RunAsync(file, new() { Suites = suites, DataFolder = parsed.GetValue(_data)!, Limit = parsed.GetValue(_limit) }, null, stop), groups: false);
        }
    }

    /// <summary>Runs this program once more as a worker: a process that has seen no other configuration.</summary>
    private static async Task<string> OwnProcessAsync(string task, CancellationToken stop)
    {
        string program = Environment.ProcessPath ?? throw new NotSupportedException("This system does not say where the program lies, so it cannot start itself anew.");
        // Run by 'dotnet thimble.dll', the program is dotnet and its first argument the file.
        string[] words = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0], MeltWorkerCommand.Name] : [MeltWorkerCommand.Name];
        using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using CancellationTokenRegistration _ = stop.Register(() => process.Kill());
        Task<string> said = process.StandardOutput.ReadToEndAsync(CancellationToken.None), errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.WriteAsync(task.AsMemory(), CancellationToken.None);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        stop.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? await said : throw new InvalidOperationException($"A measuring process ended with {process.ExitCode}: {(await errors).Trim()}");
    }

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int value) && value is >= 0 and <= 1024
        ? value
        : throw new ArgumentException($"--threads-list: '{text}' is no number of threads; expected 0 to 1024, separated by commas.");
}

/// <summary>The process that <see cref="MeltBench"/> starts: reads a task from standard input and writes what it saw.</summary>
internal static class MeltWorkerCommand
{
    /// <summary>Its name; it is not shown.</summary>
    public const string Name = "melt-worker";

    public static Command Create(Terminal terminal)
    {
        var command = new Command(Name, "One process of bench --suite melt.") { Hidden = true };
        command.SetAction(async (_, stop) =>
        {
            terminal.Out.Write(await MeltWorker.RunAsync(await terminal.In.ReadToEndAsync(stop), stop));
            return ExitCode.Success;
        });
        return command;
    }
}
