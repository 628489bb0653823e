using System.CommandLine;
using System.Text.Json;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble stop MODEL</c>: lets a running server close a model.</summary>
internal static class StopCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("MODEL") { Description = "A model, by the name that 'thimble ps' shows.", HelpName = "MODEL" };
        var command = new Command("stop", "Let the running server close a model once its requests are done.") { name };
        command.SetAction(async (parsed, stop) =>
        {
            using var server = new RunningServer(terminal);
            string model = JsonEncodedText.Encode(parsed.GetRequiredValue(name)).ToString();
            await server.AskAsync("/api/generate", $$"""{"model":"{{model}}","keep_alive":0,"stream":false}""", stop);
            return ExitCode.Success;
        });
        return command;
    }
}
