using System.CommandLine;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble cp NAME ALIAS</c>: gives a model a second name.</summary>
internal static class CopyCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "A model on the shelf, or a file in the models folder, by name.", HelpName = "NAME" };
        name.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        var alias = new Argument<string>("ALIAS") { Description = "The second name.", HelpName = "ALIAS" };
        var command = new Command("cp", "Give a model a second name; its files are not copied.") { name, alias };
        command.SetAction(parsed =>
        {
            var shelf = new ModelShelf(Words.Folder(terminal), HubOptions.FromEnvironment(terminal.Variable));
            shelf.Copy(parsed.GetRequiredValue(name), parsed.GetRequiredValue(alias));
            return ExitCode.Success;
        });
        return command;
    }
}
