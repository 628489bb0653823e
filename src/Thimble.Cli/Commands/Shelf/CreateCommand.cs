using System.CommandLine;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble create NAME -f Modelfile</c>: makes a model of another.</summary>
internal static class CreateCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The new model's name.", HelpName = "NAME" };
        var file = new Option<string>("--file", "-f") { Description = "The Modelfile: FROM, SYSTEM, TEMPLATE, PARAMETER, LICENSE. Default Modelfile.", HelpName = "FILE", DefaultValueFactory = _ => "Modelfile" };
        var command = new Command("create", "Make a model of another, with instructions and options of its own; no file is copied.") { name, file };
        command.SetAction(async (parsed, stop) =>
        {
            string path = parsed.GetRequiredValue(file);
            var recipe = ModelRecipe.Parse(await File.ReadAllTextAsync(path, stop));
            var shelf = new ModelShelf(Words.Folder(terminal), HubOptions.FromEnvironment(terminal.Variable));
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, recipe.From);
            shelf.Create(parsed.GetRequiredValue(name), recipe with { From = Path.Exists(beside) ? beside : recipe.From }, allowPaths: true);
            return ExitCode.Success;
        });
        return command;
    }
}
