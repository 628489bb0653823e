using System.CommandLine;
using Thimble.Cli.Output;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble pull NAME</c>: fetches a model; the only command that asks the network for anything.</summary>
internal static class PullCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME")
        {
            Description = "NAME[:TAG] of the registry, hf.co/OWNER/REPOSITORY[:QUANTISATION], or the address of a file.",
            HelpName = "NAME",
        };
        var alias = new Option<string?>("--as") { Description = "The name it is to have here.", HelpName = "NAME" };
        var connections = new Option<int?>("--connections") { Description = "Pieces of a file that are fetched at once. Default 4.", HelpName = "N" };
        var command = new Command("pull", "Fetch a model, or what is missing of it.") { name, alias, connections };
        command.SetAction(async (parsed, stop) =>
        {
            var options = HubOptions.FromEnvironment(terminal.Variable);
            if (parsed.GetValue(connections) is { } asked)
                options = options with { Connections = asked };
            var screen = new PullScreen(terminal);
            ModelEntry entry;
            try
            {
                entry = await new ModelShelf(Words.Folder(terminal), options).PullAsync(parsed.GetRequiredValue(name), parsed.GetValue(alias), screen, stop);
            }
            finally
            {
                screen.Clear();
            }

            await terminal.Out.WriteLineAsync($"{entry.Name}   {Units.Bytes(entry.Bytes)}");
            return ExitCode.Success;
        });
        return command;
    }
}
