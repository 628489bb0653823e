using System.CommandLine;
using System.Text.Json;
using Thimble.Cli.Output;
using Thimble.Models.Files;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble show MODEL</c>: what a model file holds, whether or not this build can run it.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("MODEL")
        {
            Description = "A model's name, file or folder; 'default' (the one inside this program) if left out.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "MODEL",
        };
        name.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        var tensors = new Option<bool>("--tensors") { Description = "List all tensors." };
        var template = new Option<bool>("--template") { Description = "Write the chat template alone." };
        var license = new Option<bool>("--license") { Description = "Write what the file says of its licence alone." };
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        var command = new Command("show", "Show what a model holds.") { name, tensors, template, license, json };
        command.SetAction(parsed =>
        {
            string? path = parsed.GetValue(name) is { } word ? Words.Model(word, terminal) : null;
            if (path is not null && AdapterReport.IsFolder(path))
            {
                AdapterReport.WriteFolder(path, terminal.Out);
                return ExitCode.Success;
            }

            using Model? inside = path is null ? Model.OpenDefault() : null;
            using ModelFile? opened = path is null ? null : ModelFile.Open(path);
            var report = new ModelReport(inside?.File ?? opened!);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize(report.ToJson(), ReportJson.Default.ShowReport));
            else if (parsed.GetValue(template))
                terminal.Out.WriteLine(report.Template ?? throw new NotSupportedException($"'{report.Path}' has no chat template."));
            else if (parsed.GetValue(license))
                report.WriteLicense(terminal.Out);
            else
                report.Write(terminal.Out, parsed.GetValue(tensors));
            return ExitCode.Success;
        });
        return command;
    }
}
