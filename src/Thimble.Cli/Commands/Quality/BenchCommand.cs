using System.CommandLine;
using System.Text.Json;
using Thimble.Cli.Output;
using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble bench MODEL</c>: how fast a model is here, in llama-bench's table.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        BenchmarkOptions usual = new();
        var name = new Argument<string[]>("MODEL") { Description = "A model's name, file or folder, or 'default'; --suite melt takes several.", HelpName = "MODEL", Arity = ArgumentArity.OneOrMore };
        name.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        Option<int> prompt = Number($"Tokens of a prompt; 0 leaves that test out. Default {usual.PromptTokens}.", "--n-prompt", "-p");
        Option<int> generated = Number($"Tokens generated one by one. Default {usual.GeneratedTokens}.", "--n-gen", "-n");
        Option<int> depth = Number("Tokens of the sequence before a test begins. Default 0.", "--n-depth", "-d");
        Option<int> threads = Number("Threads that compute; one on each physical core by default.", "--threads", "-t");
        Option<int> repetitions = Number($"How often each test is run. Default {usual.Repetitions}.", "--repetitions", "-r");
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        var command = new Command("bench", "Measure how fast a model reads and writes here.") { name, prompt, generated, depth, threads, repetitions, json };
        var melt = new MeltBench();
        melt.AddTo(command);
        var speculative = new SpeculativeBench();
        speculative.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string[] names = parsed.GetRequiredValue(name);
            if (melt.IsAsked(parsed))
            {
                await melt.RunAsync(parsed, terminal, names, Asked(repetitions), Asked(generated), stop);
                return ExitCode.Success;
            }

            if (names.Length > 1)
                throw new ArgumentException($"bench measures one model; '{names[1]}' is a second. --suite melt takes several.");
            if (speculative.IsAsked(parsed))
            {
                await speculative.RunAsync(parsed, terminal, names[0], Asked(threads), Asked(generated), parsed.GetValue(json), stop);
                return ExitCode.Success;
            }

            BenchmarkOptions options = usual;
            Given(prompt, value => options = options with { PromptTokens = value });
            Given(generated, value => options = options with { GeneratedTokens = value });
            Given(depth, value => options = options with { Depth = value });
            Given(threads, value => options = options with { Threads = value });
            Given(repetitions, value => options = options with { Repetitions = value });
            string? path = Words.Model(names[0], terminal);
            using Model? inside = path is null ? Model.OpenDefault() : null;
            using ModelFile? opened = path is null ? null : ModelFile.Open(path);
            BenchmarkResult result = await Task.Run(() => Benchmark.Run(inside?.File ?? opened!, options, stop), stop);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize(BenchReport.Of(result), ReportJson.Default.BenchReport));
            else
                BenchTable.Write(terminal.Out, result);
            return ExitCode.Success;

            int? Asked(Option<int> option) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;

            void Given(Option<int> option, Action<int> set)
            {
                if (parsed.GetResult(option) is not { Implicit: false })
                    return;
                try
                {
                    set(parsed.GetValue(option));
                }
                catch (ArgumentOutOfRangeException fault)
                {
                    throw new ArgumentException($"{option.Name}: {Faults.Line(fault)}", fault);
                }
            }
        });
        return command;
    }

    private static Option<int> Number(string description, string flag, string letter) => new(flag, letter) { Description = description, HelpName = "N" };
}
