using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Quantize;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble imatrix MODEL --text FILE</c>: how much each column of each matrix matters.</summary>
internal static class ImatrixCommand
{
    public static Command Create(Terminal terminal)
    {
        var reading = new ReadingOptions();
        var target = new Option<string>("--output", "-o") { Description = "The file to write.", HelpName = "FILE", DefaultValueFactory = _ => "imatrix.gguf" };
        var command = new Command("imatrix", "Gather an importance matrix for quantize.") { target };
        reading.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string path = parsed.GetValue(target)!, text = await reading.TextAsync(parsed, terminal, stop);
            string? model = reading.Model(parsed, terminal);
            string name = Path.GetFileName(reading.TextName(parsed));
            var work = Task.Run(() => ImportanceMatrix.Gather(model, text, name, reading.Windows(parsed), reading, stop), stop);
            await Waiting.ForAsync(terminal, $"reading {name}", work, reading.Share);
            ImportanceMatrix matrix = await work;
            matrix.Save(path);
            string windows = matrix.Chunks == 1 ? "one window" : $"{matrix.Chunks} windows";
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {matrix.Tensors.Count} tensors, {windows} of {matrix.ChunkLength} tokens"));
            return ExitCode.Success;
        });
        return command;
    }
}
