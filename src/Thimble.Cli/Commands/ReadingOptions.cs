using System.CommandLine;
using Thimble.Lab.Evaluate;

namespace Thimble.Cli.Commands;

/// <summary>The options of commands that let a model read a text.</summary>
internal sealed class ReadingOptions : IProgress<WindowProgress>
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A model's name, file or folder." };
    private readonly Option<string> _text = new("--text", "--file", "-f") { Description = "The text to read; - for standard input.", HelpName = "FILE", Required = true };
    private readonly Option<int> _length = new("--ctx-size", "-c") { Description = "Tokens of a window.", HelpName = "N", DefaultValueFactory = _ => 512 };
    private readonly Option<int?> _limit = new("--chunks") { Description = "The most windows to read; all by default.", HelpName = "N" };
    private readonly Option<int?> _threads = new("--threads", "-t") { Description = "Threads that compute; one on each physical core by default.", HelpName = "N" };
    private readonly Option<string> _cache = new("--cache-type") { Description = "How keys and values are stored.", HelpName = "TYPE", DefaultValueFactory = _ => "F16" };
    private readonly Option<bool> _exact = new("--exact") { Description = "Keep activations as 32-bit floats." };

    private long _progress;   // windows read above windows in all, 32 bits each

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_model);
        foreach (Option option in (Option[])[_text, _length, _limit, _threads, _cache, _exact])
            command.Options.Add(option);
    }

    /// <summary>The model's path, null for the one inside the program.</summary>
    public string? Model(ParseResult parsed, Terminal terminal) => Words.Model(parsed.GetRequiredValue(_model), terminal);

    /// <summary>The text's name as typed.</summary>
    public string TextName(ParseResult parsed) => parsed.GetRequiredValue(_text);

    /// <summary>The text.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public async Task<string> TextAsync(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string path = TextName(parsed);
        if (path == "-")
            return await terminal.In.ReadToEndAsync(stop);
        return File.Exists(path)
            ? await File.ReadAllTextAsync(path, stop)
            : throw new FileNotFoundException($"There is no text file '{path}'; give one with --text, or - to pipe one in.", path);
    }

    /// <summary>How the text is cut and the model opened.</summary>
    public WindowOptions Windows(ParseResult parsed) => new()
    {
        Length = parsed.GetValue(_length),
        Limit = parsed.GetValue(_limit),
        Opening = new() { Threads = parsed.GetValue(_threads), CacheFormat = parsed.GetValue(_cache)!, Exact = parsed.GetValue(_exact) },
    };

    /// <summary>The share of windows that have been read; null before the first.</summary>
    public double? Share() => Volatile.Read(ref _progress) is > 0 and var packed ? (double)(packed >> 32) / (uint)packed : null;

    void IProgress<WindowProgress>.Report(WindowProgress value) => Volatile.Write(ref _progress, ((long)value.Window << 32) | (uint)value.Windows);
}
