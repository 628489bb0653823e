using System.CommandLine;
using System.Text.Json;
using Thimble.Cli.Output;
using Thimble.Library;
using Thimble.Models.Files;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble list</c>: the models that have names.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Write a JSON array." };
        var command = new Command("list", "List the models in the models folder, and the one inside this program.") { json };
        command.Aliases.Add("ls");
        command.SetAction(parsed =>
        {
            ModelFolder folder = Words.Folder(terminal);
            List<ListedModel> models = [Default(), .. folder.List().Select(Listed)];
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize(models, ReportJson.Default.ListListedModel));
            else
                Write(terminal, folder, models);
            return ExitCode.Success;
        });
        return command;
    }

    private static ListedModel Default()
    {
        using var model = Model.OpenDefault();
        var summary = ModelSummary.Of(model.File);
        return new("default", null, summary.Bytes, summary.Format, summary.Parameters, summary.Architecture, null, null);
    }

    private static ListedModel Listed(ModelEntry entry)
    {
        try
        {
            using var file = ModelFile.Open(entry.Path);
            var summary = ModelSummary.Of(file);
            return new(entry.Name, entry.Path, entry.Bytes, summary.Format, summary.Parameters, summary.Architecture, entry.Modified, null);
        }
        catch (Exception fault) when (fault is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            // One damaged file must not hide the others.
            return new(entry.Name, entry.Path, entry.Bytes, null, null, null, entry.Modified, Faults.Line(fault));
        }
    }

    private static void Write(Terminal terminal, ModelFolder folder, List<ListedModel> models)
    {
        DateTimeOffset now = terminal.Time.GetUtcNow();
        TextTable.Write(terminal.Out,
        [
            ["NAME", "SIZE", "FORMAT", "PARAMETERS", "ARCHITECTURE", "MODIFIED"],
            .. models.Select(model => (string[])
            [
                model.Name, Units.Bytes(model.Size), model.Error is null ? model.Format ?? "" : "unreadable",
                model.Parameters is { } count ? Units.Count(count) : "", model.Architecture ?? "",
                model.Modified is { } modified ? Units.Ago(now - modified) : "inside thimble",
            ]),
        ]);
        foreach (ListedModel model in models.Where(model => model.Error is not null))
            terminal.Error.WriteLine($"note: {model.Error}");
        if (models.Count == 1)
            terminal.Note($"Put GGUF files into '{folder.Path}', or name another folder in {ModelFolder.Variable}, to see them here.");
    }
}
