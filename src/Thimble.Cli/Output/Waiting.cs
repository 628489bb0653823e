using Spectre.Console;

namespace Thimble.Cli.Output;

/// <summary>What a person sees while something takes longer than a second. Others see nothing.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1), s_glance = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for work of unknown length.</summary>
    public static Task ForAsync(Terminal terminal, string what, Task work) => ForAsync(terminal, what, work, static () => null);

    /// <summary>Waits for work that knows how far it is.</summary>
    /// <param name="terminal">Where it is shown.</param>
    /// <param name="what">What is done.</param>
    /// <param name="work">The work.</param>
    /// <param name="share">What is done of it, 0 to 1; null where unknown.</param>
    public static async Task ForAsync(Terminal terminal, string what, Task work, Func<double?> share)
    {
        if (terminal.ShowsNotes && await Task.WhenAny(work, Task.Delay(s_patience, terminal.Time)) != work)
            await ShowAsync(terminal, what, work, share);
        await work;
    }

    // Apart, so that Spectre is not loaded where nothing takes long.
    private static Task ShowAsync(Terminal terminal, string what, Task work, Func<double?> share)
    {
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        return screen.Progress().AutoClear(true).Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(what), maxValue: 1);
                while (!work.IsCompleted)
                {
                    bar.IsIndeterminate = share() is null;
                    bar.Value = share() ?? 0;
                    await Task.WhenAny(work, Task.Delay(s_glance, terminal.Time));
                }
            });
    }
}
