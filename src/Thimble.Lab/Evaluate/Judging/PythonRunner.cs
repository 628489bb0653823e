using System.ComponentModel;
using System.Diagnostics;

namespace Thimble.Lab.Evaluate;

/// <summary>How a program ended.</summary>
internal enum ProgramOutcome
{
    /// <summary>It ran through.</summary>
    Passed,

    /// <summary>It raised an error, or used more memory than it may.</summary>
    Failed,

    /// <summary>It took too long.</summary>
    TimedOut,
}

/// <summary>Runs a Python program in a process of its own: three seconds of processor, half a gibibyte, one process, files of a few bytes in an empty folder,
/// no network, none of our environment.</summary>
/// <remarks>The limits are the operating system's (<c>setrlimit</c>; a network of its own where <c>unshare</c> may make one) and, beside them, an audit hook
/// that forbids sockets, processes and native libraries. That keeps accidents and common mischief in; it is no wall against a determined attacker:
/// where programs may be hostile, run this in a virtual machine.</remarks>
internal static class PythonRunner
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly Lazy<bool> s_unshares = new(() => Works("unshare", "--user", "--net", "--map-root-user", "true"));

    // The program arrives on standard input, so that no file of ours need be readable.
    private const string Guard = """
        import sys
        try:
            import resource
            def limit(what, most):
                resource.setrlimit(what, (most, most))
            limit(resource.RLIMIT_CPU, 3)
            limit(resource.RLIMIT_AS, 512 << 20)
            limit(resource.RLIMIT_FSIZE, 1 << 16)
            limit(resource.RLIMIT_NOFILE, 32)
            limit(resource.RLIMIT_CORE, 0)
        except ImportError:
            pass
        program = sys.stdin.read()
        sys.stdin.close()
        code = compile(program, "program", "exec")
        forbidden = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill", "os.remove", "os.rename",
                     "os.rmdir", "os.chmod", "os.putenv", "ctypes.", "shutil.", "pty.", "webbrowser.", "urllib.", "ftplib.", "smtplib.")
        def hook(event, arguments):
            if event.startswith(forbidden):
                raise PermissionError(event)
        sys.addaudithook(hook)
        exec(code, {"__name__": "program"})
        """;

    /// <summary>Checks that programs can be run.</summary>
    /// <exception cref="NotSupportedException">They cannot.</exception>
    public static void Require()
    {
        if (!Works("python3", "-I", "-c", "pass"))
            throw new NotSupportedException("Running programs needs python3, and there is none on the PATH. Install Python 3, or leave this suite out.");
    }

    /// <summary>Runs a program.</summary>
    /// <param name="program">Its text.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ProgramOutcome> RunAsync(string program, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("thimble-").FullName;
        string[] python = ["python3", "-I", "-S", "-B", "-c", Guard];
        string[] words = s_unshares.Value ? ["unshare", "--user", "--net", "--map-root-user", .. python] : python;
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string? path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        using Process process = Process.Start(start)!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(s_patience);
            Task<string> output = Drain(process.StandardOutput), errors = Drain(process.StandardError);
            await WriteAsync(process, program).ConfigureAwait(false);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            await Task.WhenAll(output, errors).ConfigureAwait(false);
            // Killed by the limit on processor time: SIGXCPU 24, or SIGKILL 9.
            return process.ExitCode switch { 0 => ProgramOutcome.Passed, 128 + 24 or 128 + 9 => ProgramOutcome.TimedOut, _ => ProgramOutcome.Failed };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProgramOutcome.TimedOut;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteAsync(Process process, string program)
    {
        try
        {
            await process.StandardInput.WriteAsync(program).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all; its exit code tells why.
        }
    }

    /// <summary>Reads to the end and forgets: a program may write more than is worth keeping.</summary>
    private static async Task<string> Drain(StreamReader reader)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) > 0)
        {
        }

        return "";
    }

    private static bool Works(string name, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return process.WaitForExit(s_patience) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
