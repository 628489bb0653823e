using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Thimble.Lab.Measure;

/// <summary>llama.cpp beside us: its own program <c>llama-bench</c> on the same model and threads, where a user names it. Nothing of it is linked or shipped.</summary>
internal static class LlamaBench
{
    /// <summary>Runs it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">The model, a GGUF file.</param>
    /// <param name="ours">Our run of the configuration.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    /// <exception cref="InvalidDataException">It failed, or wrote something else.</exception>
    public static async Task<MeltRun> RunAsync(string program, string model, MeltRun ours, CancellationToken cancellation)
    {
        string[] words = ["-m", model, "-t", ours.Threads.ToString(CultureInfo.InvariantCulture), "-p", "128", "-n", "64", "-r", "3", "-ngl", "0", "-o", "json"];
        using Process process = Start(program, words);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        string text = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidDataException($"'{program}' ended with {process.ExitCode}: {(await errors.ConfigureAwait(false)).Trim().Split('\n')[^1]}");
        return Parse(text, program, ours);
    }

    /// <summary>Reads what it wrote: a list of tests with their samples, tokens a second.</summary>
    internal static MeltRun Parse(string text, string program, MeltRun ours)
    {
        List<double> prefill = [], decode = [];
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (JsonElement test in document.RootElement.EnumerateArray())
            {
                List<double> speeds = test.GetProperty("n_gen").GetInt32() > 0 ? decode : prefill;
                speeds.AddRange(test.GetProperty("samples_ts").EnumerateArray().Select(sample => sample.GetDouble()));
            }
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{program}' wrote no list of tests with 'n_gen' and 'samples_ts': {fault.Message}", fault);
        }

        var speed = Spread.Of(decode);
        return new(
            "llama.cpp", ours.Model, ours.Threads, 1, null, null, Spread.Of(prefill), speed, 0, speed?.Median * ours.Model.Bytes, ours.ReadBytesPerSecond,
            null, decode.Count, 0, null, [], null, null, null, []);
    }

    private static Process Start(string program, string[] words)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception fault)
        {
            throw new FileNotFoundException($"'{program}' cannot be started: {fault.Message}. Name llama.cpp's llama-bench with --llama.", program, fault);
        }
    }
}
