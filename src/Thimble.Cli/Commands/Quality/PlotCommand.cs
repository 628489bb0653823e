using System.CommandLine;
using Thimble.Lab.Plots;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble plot RESULT.json…</c>: pictures of what formats cost in quality and give in speed.</summary>
internal static class PlotCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("RESULTS") { Description = "Files that 'eval --output' and 'bench --suite melt --output' wrote.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The page to write.", HelpName = "FILE", DefaultValueFactory = _ => "results.html" };
        var command = new Command("plot", "Draw results over bits per weight: perplexity with its Pareto front, scores, tokens a second.") { files, output };
        command.SetAction(async (parsed, stop) =>
        {
            List<(string, string)> results = [];
            foreach (string path in parsed.GetRequiredValue(files))
                results.Add((path, await File.ReadAllTextAsync(path, stop)));
            string page = parsed.GetValue(output)!;
            await File.WriteAllTextAsync(page, Gallery.Html(results), stop);
            terminal.Out.WriteLine(page);
            return ExitCode.Success;
        });
        return command;
    }
}
