using System.CommandLine;
using Thimble.Cli.Options;
using Thimble.Cli.Output;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble convert SOURCE -o OUT.gguf</c>: any model that is read, as one GGUF file.</summary>
internal static class ConvertCommand
{
    private const string Keep = "keep";

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("SOURCE") { Description = "A model's name, file or folder." };
        var target = new Option<string>("--output", "-o", "--outfile") { Description = "The GGUF file to write.", HelpName = "OUT.gguf", Required = true };
        var type = new Option<string>("--type", "--outtype") { Description = "The number format of the matrices; keep (default) leaves all as it is.", HelpName = "TYPE" };
        type.CompletionSources.Add(_ => Rewriting.Types.Prepend(Keep).Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var again = new Option<bool>("--allow-requantize") { Description = "Change the format of a model that is quantised already; its errors add up." };
        var adapters = new AdapterOptions(merges: true);
        var command = new Command("convert", "Write a model as one GGUF file.") { source, target, type, again };
        adapters.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            string? format = parsed.GetValue(type) is { } name && !name.Equals(Keep, StringComparison.OrdinalIgnoreCase) ? name : null;
            KeyValuePair<string, float>[] merged = [.. adapters.Read(parsed).Select(adapter => KeyValuePair.Create(adapter.Path, adapter.Scale))];
            return new Rewriting(terminal, new() { Type = format, AllowRequantize = parsed.GetValue(again), Adapters = merged }).RunAsync(parsed.GetRequiredValue(source), parsed.GetRequiredValue(target), stop);
        });
        return command;
    }
}
