using System.Globalization;
using Thimble.Lab.Quantize;

namespace Thimble.Cli.Output;

/// <summary>Rewrites a model and says what became of it.</summary>
internal sealed class Rewriting(Terminal terminal, QuantizeOptions options) : IProgress<QuantizeProgress>
{
    private QuantizeProgress _latest;

    /// <summary>The mixes and formats that can be asked for.</summary>
    public static IReadOnlyList<string> Types => Quantizer.Types;

    /// <summary>Rewrites.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ArgumentException">The format or the target cannot be.</exception>
    public async Task<int> RunAsync(string source, string target, CancellationToken stop)
    {
        string path = Words.Model(source, terminal)
            ?? throw new ArgumentException($"'{source}' is the model inside this program; name a file or folder to rewrite.", nameof(source));
        var work = Task.Run(() => Quantizer.Run(path, target, options, this, stop), stop);
        await Waiting.ForAsync(terminal, $"writing {Path.GetFileName(target)}", work, Share);
        Write(target, await work);
        return ExitCode.Success;
    }

    void IProgress<QuantizeProgress>.Report(QuantizeProgress value)
    {
        lock (options)
            _latest = value;
    }

    private double? Share()
    {
        lock (options)
            return _latest.Total > 0 ? (double)_latest.Written / _latest.Total : null;
    }

    private void Write(string target, QuantizeResult result)
    {
        foreach (IGrouping<string, QuantizedTensor> noted in result.Tensors.Where(tensor => tensor.Note is not null).GroupBy(tensor => tensor.Note!))
        {
            string more = noted.Count() > 1 ? $" and {noted.Count() - 1} more" : "";
            terminal.Error.WriteLine($"note: '{noted.First().Name}'{more}: {noted.Key}.");
        }

        string formats = string.Join(", ", result.Tensors.GroupBy(tensor => tensor.To).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}"));
        string sizes = $"{Units.Bytes(result.SourceBytes)} -> {Units.Bytes(result.FileBytes)}";
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {sizes}; tensors: {formats}"));
    }
}
