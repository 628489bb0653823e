using System.CommandLine;
using System.Text.Json;
using Thimble.Cli.Output;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble ps</c>: the models that a running server holds open.</summary>
internal static class PsCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Write the server's answer." };
        var command = new Command("ps", "List the models that the running server holds open.") { json };
        command.SetAction(async (parsed, stop) =>
        {
            using var server = new RunningServer(terminal);
            JsonElement answer = await server.AskAsync("/api/ps", null, stop);
            if (parsed.GetValue(json))
                await terminal.Out.WriteLineAsync(answer.GetRawText());
            else
                TextTable.Write(terminal.Out, [["NAME", "SIZE", "CONTEXT", "UNTIL"], .. answer.GetProperty("models").EnumerateArray().Select(model => Row(model, terminal.Time.GetUtcNow()))]);
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] Row(JsonElement model, DateTimeOffset now)
    {
        string until = model.TryGetProperty("expires_at", out JsonElement expires) && expires.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time - now > TimeSpan.FromDays(3650) ? "stays" : time <= now ? "in use" : Units.Left(time - now)
            : "";
        string context = model.TryGetProperty("context_length", out JsonElement length) ? length.ToString() : "";
        return [model.GetProperty("name").GetString()!, Units.Bytes(model.GetProperty("size").GetInt64()), context, until];
    }
}
