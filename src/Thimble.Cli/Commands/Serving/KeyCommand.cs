using System.CommandLine;
using Thimble.Server.Access;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble key NAME</c>: makes a key for the server; its hash goes into a file, itself to the screen alone.</summary>
internal static class KeyCommand
{
    private const string FileName = "api-keys";

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "Whose key it is: shown in logs and figures." };
        var file = new Option<string>("--api-key-file") { Description = "The file of hashed keys to add it to, as 'serve' reads it.", HelpName = "FILE" };
        var priority = new Option<int>("--priority") { Description = "Its requests go before those of lower priority where not all can run at once. Default 0.", HelpName = "N" };
        var admin = new Option<bool>("--admin") { Description = "Let it pull, make and delete models, too." };
        var command = new Command("key", "Make a key for the server.") { name, file, priority, admin };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file) ?? Path.Combine(terminal.StateFolder, FileName);
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            string key = ApiKeys.Add(path, parsed.GetRequiredValue(name), parsed.GetValue(priority), parsed.GetValue(admin));
            terminal.Out.WriteLine(key);
            terminal.Error.WriteLine($"It is shown this once; its hash is in '{path}'. Serve with --api-key-file {path}");
            return ExitCode.Success;
        });
        return command;
    }
}
