using System.Runtime.InteropServices;
using System.Text;

namespace Thimble.Cli;

/// <summary>The terminal or pipes of this process.</summary>
/// <remarks>The streams are opened here rather than through <see cref="Console.Out"/>: UTF-8 whatever the locale, buffered until flushed, and
/// without loading what a terminal's database needs.</remarks>
internal sealed class ProcessTerminal : Terminal
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly PosixSignalRegistration _signal;
    private TextReader? _in;
    private TextWriter? _error;
    private int _interrupts;

    public ProcessTerminal()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = s_utf8;
        Out = new StreamWriter(Console.OpenStandardOutput(), s_utf8, bufferSize: 4096);
        // The second Ctrl+C ends the process whatever it does: the first may have found it unable to listen.
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = ++_interrupts < 2 && Interrupt());
    }

    public override TextReader In => _in ??= new StreamReader(Console.OpenStandardInput(), s_utf8);

    public override TextWriter Out { get; }

    public override TextWriter Error => _error ??= new StreamWriter(Console.OpenStandardError(), s_utf8) { AutoFlush = true };

    public override bool HasKeys => !Console.IsInputRedirected;

    public override bool ShowsResults => !Console.IsOutputRedirected;

    public override bool ShowsNotes => !Console.IsErrorRedirected;

    public override int Width => ShowsResults && Console.BufferWidth is > 0 and var width ? width : 80;

    public override string StateFolder => Path.Combine(
        Variable("XDG_STATE_HOME") is { Length: > 0 } state ? state
            : OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "thimble");

    public override string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    public override ConsoleKeyInfo ReadKey()
    {
        _interrupts = 0;
        if (!Console.TreatControlCAsInput)
            Console.TreatControlCAsInput = true;
        return Console.ReadKey(intercept: true);
    }

    public override void EndKeys() => Console.TreatControlCAsInput = false;

    public override void Dispose()
    {
        _signal.Dispose();
        Out.Dispose();
        _error?.Dispose();
        base.Dispose();
    }
}
