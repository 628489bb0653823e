using System.Diagnostics;

namespace Thimble.Tests.Cli;

/// <summary>The command in a process of its own, which can be killed.</summary>
internal sealed class ThimbleProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly List<string> _error = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts it.</summary>
    /// <param name="variables">What is added to the environment.</param>
    /// <param name="words">The command line.</param>
    public ThimbleProcess(IEnumerable<KeyValuePair<string, string>> variables, params string[] words)
        : this(Host, [Command, .. words], variables)
    {
    }

    private ThimbleProcess(string program, string[] words, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        _out = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>The program that runs the command, and the command.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    public static string Command => Path.Combine(AppContext.BaseDirectory, "Thimble.Cli.dll");

    /// <summary>Where a server that was started listens.</summary>
    public Task<Uri> Listening => _listening.Task;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote as errors so far.</summary>
    public string Error
    {
        get
        {
            lock (_error)
                return string.Join('\n', _error);
        }
    }

    /// <summary>A script of the shell in a process of its own.</summary>
    public static ThimbleProcess Script(string shell, string[] words, IEnumerable<KeyValuePair<string, string>> variables) => new(shell, words, variables);

    /// <summary>Ends it as the system does when memory runs out: at once, whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its code and what it wrote.</returns>
    public async Task<(int Code, string Out, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _out, Error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException($"The server has ended: {Error}"));
            return;
        }

        lock (_error)
            _error.Add(line);
        if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            _listening.TrySetResult(new(line.Split(' ', ';')[2]));
    }
}
