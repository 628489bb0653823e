using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using Thimble.Cli.Commands;
using Thimble.Cli.Options;

namespace Thimble.Cli;

/// <summary>The command line: finds the command, runs it, and turns what it throws into one line and an exit code.</summary>
internal static class CommandLine
{
    private static readonly (string Name, Func<Terminal, Command> Create)[] s_commands =
    [
        ("run", RunCommand.Create),
        ("serve", ServeCommand.Create),
        ("key", KeyCommand.Create),
        ("pull", PullCommand.Create),
        ("list", ListCommand.Create),
        ("show", ShowCommand.Create),
        ("cp", CopyCommand.Create),
        ("rm", RemoveCommand.Create),
        ("create", CreateCommand.Create),
        ("ps", PsCommand.Create),
        ("stop", StopCommand.Create),
        ("convert", ConvertCommand.Create),
        ("quantize", QuantizeCommand.Create),
        ("imatrix", ImatrixCommand.Create),
        ("train", TrainCommand.Create),
        ("tokenizer", TokenizerCommand.Create),
        ("perplexity", PerplexityCommand.Create),
        ("eval", EvalCommand.Create),
        ("mastery", MasteryCommand.Create),
        ("activity", ActivityCommand.Create),
        ("plot", PlotCommand.Create),
        ("tokenize", TokenizeCommand.Create),
        ("embed", EmbedCommand.Create),
        ("rerank", RerankCommand.Create),
        ("bench", BenchCommand.Create),
        ("profile", ProfileCommand.Create),
        ("analyze", AnalyzeCommand.Create),
        ("plan", PlanCommand.Create),
        ("autolife", AutoLifeCommand.Create),
        ("completion", CompletionCommand.Create),
        (MeltWorkerCommand.Name, MeltWorkerCommand.Create),
    ];

    /// <summary>Runs a command.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="terminal">Where it reads and writes.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        if (args is ["--version"])
        {
            await terminal.Out.WriteLineAsync($"thimble {Version}");
            await terminal.Out.FlushAsync();
            return ExitCode.Success;
        }

        using var stop = new CancellationTokenSource();
        using IDisposable _ = terminal.OnInterrupt(stop.Cancel);
        int code = await AttemptAsync(args, terminal, stop.Token);
        await terminal.Out.FlushAsync();
        return code;
    }

    private static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(3);

    // The one place that catches: here a fault becomes what the user reads.
    private static async Task<int> AttemptAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        try
        {
            return await InvokeAsync(args, terminal, stop);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception fault) when (!args.Contains("--debug"))
        {
            await terminal.Out.FlushAsync(CancellationToken.None);
            await terminal.Error.WriteLineAsync($"error: {Faults.Line(fault)}");
            return fault is ArgumentException ? ExitCode.Usage : ExitCode.Failure;
        }
        catch (Exception fault)
        {
            await terminal.Error.WriteLineAsync($"error: {fault}");
            return fault is ArgumentException ? ExitCode.Usage : ExitCode.Failure;
        }
    }

    private static async Task<int> InvokeAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        if (args is [{ } directive, ..] && directive.StartsWith("[suggest", StringComparison.Ordinal))
            return Suggest(Root(terminal, null), directive, args.Length > 1 ? args[1] : "", terminal);

        Command root = Root(terminal, args.FirstOrDefault());
        // A word that begins with @ is text here, no file of arguments.
        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : AdapterOptions.Joined(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction or null)
        {
            await terminal.Error.WriteLineAsync($"error: {Complaint(parsed, root)}");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = terminal.Out,
                Error = terminal.Error,
            },
            stop);
    }

    /// <summary>The program's command, with the one that is named below it, or with all where none is.</summary>
    private static Command Root(Terminal terminal, string? named)
    {
        var root = new Command("thimble", "Runs large language models on the machine at hand.")
        {
            new Option<bool>("--debug") { Description = "Show where an error came from.", Recursive = true },
            new Option<bool>("--version") { Description = "Show the version." },
            new HelpOption(),
        };
        // Options by the dozen take a while to make; a command that is not asked for need not have any.
        bool knows = Array.Exists(s_commands, command => command.Name == named);
        foreach ((string name, Func<Terminal, Command> create) in s_commands)
        {
            if (!knows || name == named)
                root.Subcommands.Add(create(terminal));
        }

        return root;
    }

    private static string Complaint(ParseResult parsed, Command root)
    {
        if (parsed.CommandResult.Command == root)
        {
            string known = string.Join(", ", s_commands.Select(command => command.Name).Where(name => name != MeltWorkerCommand.Name));
            return parsed.UnmatchedTokens is [{ } word, ..]
                ? $"There is no command '{word}'; known: {known}."
                : $"A command is missing; known: {known}.";
        }

        string first = parsed.Errors.Count > 0 ? parsed.Errors[0].Message : "This cannot be read.";
        return $"{first} See 'thimble {parsed.CommandResult.Command.Name} --help'.";
    }

    /// <summary>Completes a line: <c>[suggest:12] "thimble run -"</c> writes what may stand at column 12, one a line.</summary>
    private static int Suggest(Command root, string directive, string line, Terminal terminal)
    {
        int position = directive.Split(':', ']') is [_, { Length: > 0 } number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out int given)
            ? Math.Clamp(given, 0, line.Length)
            : line.Length;
        // The program's name may be a path, or that of an alias.
        int skipped = line.IndexOf(' ', StringComparison.Ordinal) + 1;
        foreach (CompletionItem item in root.Parse(line[skipped..]).GetCompletions(Math.Max(0, position - skipped)))
            terminal.Out.WriteLine(item.InsertText);
        return ExitCode.Success;
    }
}
