using System.CommandLine;
using Thimble.Cli.Output;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble rm NAME…</c>: takes models off the shelf.</summary>
internal static class RemoveCommand
{
    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("NAME") { Description = "Models, by name.", Arity = ArgumentArity.OneOrMore, HelpName = "NAME" };
        names.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        var force = new Option<bool>("--force", "-f") { Description = "Delete also a file of your own that you put into the models folder." };
        var command = new Command("rm", "Remove models; files that another name needs stay.") { names, force };
        command.SetAction(parsed =>
        {
            var shelf = new ModelShelf(Words.Folder(terminal), HubOptions.FromEnvironment(terminal.Variable));
            foreach (string name in parsed.GetRequiredValue(names))
            {
                long freed = Remove(shelf, name, parsed.GetValue(force));
                terminal.Note($"Removed '{name}'; {Units.Bytes(freed)} are free again.");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static long Remove(ModelShelf shelf, string name, bool force) => shelf.Folder.List().Any(model => model.IsOwn && model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) && !force
        ? throw new ArgumentException($"'{name}' is a file of your own, '{shelf.Folder.Find(name)}'; --force deletes it.", nameof(name))
        : shelf.Remove(name, force);
}
