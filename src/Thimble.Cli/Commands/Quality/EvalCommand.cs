using System.CommandLine;
using Thimble.Cli.Output;
using Thimble.Lab.Evaluate;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble eval MODEL --suite NAME[,NAME]</c>: how good a model is.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new EvalOptions(terminal);
        var command = new Command("eval", "Measure how good a model is: questions, texts, and how much of a reference's quality it keeps.");
        options.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(options.List) || parsed.GetValue(options.Suites)!.Length == 0)
            {
                TextTable.Write(terminal.Out, [.. Evaluation.Suites.Select(suite => (string[])[suite.Key, suite.Value])]);
                return ExitCode.Success;
            }

            string? model = options.Model(parsed, terminal);
            EvaluationOptions asked = options.Read(parsed, terminal);
            var progress = new Latest();
            Task<EvaluationResult> work = Task.Run(() => Evaluation.RunAsync(model, asked, progress, stop), stop);
            await Waiting.ForAsync(terminal, "asking", work, progress.Share);
            EvaluationResult result = await work;
            if (parsed.GetValue(options.Json))
                terminal.Out.WriteLine(result.ToJson());
            else
                EvalTable.Write(terminal.Out, result, parsed.GetValue(options.Groups));
            return ExitCode.Success;
        });
        return command;
    }

    private sealed class Latest : IProgress<EvaluationProgress>
    {
        private readonly Lock _gate = new();
        private EvaluationProgress _value;

        public void Report(EvaluationProgress value)
        {
            lock (_gate)
                _value = value;
        }

        public double? Share()
        {
            lock (_gate)
                return _value.Count > 0 ? (double)_value.Done / _value.Count : null;
        }
    }
}

/// <summary>The options of <c>eval</c>.</summary>
internal sealed class EvalOptions(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A model's name, file or folder.", DefaultValueFactory = _ => EvaluationOptions.ModelInside };
    private readonly Option<string> _data = new("--data") { Description = "The folder that data sets lie in.", HelpName = "FOLDER", DefaultValueFactory = _ => terminal.Variable("THIMBLE_DATA") ?? "data" };
    private readonly Option<int?> _limit = new("--limit") { Description = "The most questions of a suite, evenly spread, or windows of a text.", HelpName = "N" };
    private readonly Option<int?> _shots = new("--shots") { Description = "Examples shown before a question, where a suite has some.", HelpName = "N" };
    private readonly Option<string?> _reference = new("--reference") { Description = "A model that answers too; says how much of its score is kept.", HelpName = "MODEL" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write the result as JSON, and the answers beside it.", HelpName = "FILE" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with a run that did not end; takes the same --output." };
    private readonly Option<int> _seed = new("--seed") { Description = "Begins what is drawn for intervals.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _length = new("--ctx-size", "-c") { Description = "Tokens of a window, where a text is read.", HelpName = "N", DefaultValueFactory = _ => 512 };
    private readonly Option<int?> _stride = new("--stride") { Description = "Let windows of a text overlap, each N tokens on.", HelpName = "N" };
    private readonly Option<bool> _runCode = new("--run-code") { Description = "Run programs that the model writes, with limits on time, memory and network." };
    private readonly Option<string?> _judge = new("--judge") { Description = "A model that grades what no rule can.", HelpName = "MODEL" };
    private readonly Option<string?> _judgements = new("--judgements") { Description = "What a judge said before, one JSON object a line.", HelpName = "FILE" };
    private readonly Option<int?> _threads = new("--threads", "-t") { Description = "Threads that compute; one on each physical core by default.", HelpName = "N" };
    private readonly Option<string> _cache = new("--cache-type") { Description = "How keys and values are stored.", HelpName = "TYPE", DefaultValueFactory = _ => "F16" };
    private readonly Option<bool> _exact = new("--exact") { Description = "Keep activations as 32-bit floats." };

    /// <summary>Which suites.</summary>
    public Option<string[]> Suites { get; } = new("--suite", "-s") { Description = "Suites, separated by commas.", HelpName = "NAMES", DefaultValueFactory = _ => [] };

    /// <summary>Whether the suites are listed instead.</summary>
    public Option<bool> List { get; } = new("--list") { Description = "List the suites." };

    /// <summary>Whether the result is written as JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Write one JSON object." };

    /// <summary>Whether parts of suites are shown.</summary>
    public Option<bool> Groups { get; } = new("--groups") { Description = "Show each subject or task as well." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_model);
        foreach (Option option in (Option[])[Suites, List, _data, _limit, _shots, _reference, _output, _resume, _seed, _length, _stride, _runCode, _judge, _judgements, Groups, Json, _threads, _cache, _exact])
            command.Options.Add(option);
    }

    /// <summary>The model's path, null for the one inside the program.</summary>
    public string? Model(ParseResult parsed, Terminal terminal) => Words.Model(parsed.GetRequiredValue(_model), terminal);

    /// <summary>What is asked, and how.</summary>
    public EvaluationOptions Read(ParseResult parsed, Terminal terminal) => new()
    {
        Suites = [.. parsed.GetValue(Suites)!.SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
        DataFolder = parsed.GetValue(_data)!,
        Limit = parsed.GetValue(_limit),
        Shots = parsed.GetValue(_shots),
        Reference = Path(parsed.GetValue(_reference), terminal),
        Seed = parsed.GetValue(_seed),
        WindowLength = parsed.GetValue(_length),
        Stride = parsed.GetValue(_stride),
        Output = parsed.GetValue(_output),
        Resume = parsed.GetValue(_resume),
        RunCode = parsed.GetValue(_runCode),
        Judge = Path(parsed.GetValue(_judge), terminal),
        Judgements = parsed.GetValue(_judgements),
        Opening = new() { Threads = parsed.GetValue(_threads), CacheFormat = parsed.GetValue(_cache)!, Exact = parsed.GetValue(_exact) },
    };

    private static string? Path(string? word, Terminal terminal) => word is null ? null : Words.Model(word, terminal) ?? EvaluationOptions.ModelInside;
}
