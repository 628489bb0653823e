using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Thimble.Cli.Options;
using Thimble.Planning;
using Thimble.Server;
using Thimble.Server.Hosting;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble serve [MODEL]</c>: answers over HTTP, as OpenAI, Anthropic, llama-server and Ollama do.</summary>
internal static class ServeCommand
{
    private static readonly string[] s_opening = ["num_ctx", "num_thread", "cache_type", "exact", "no_repack", "memory", "ttft", "tpot", "draft", "draft_memory", "draft_learn", "stream_memory"];

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("MODEL")
        {
            Description = "A model's name, file or folder; the one inside this program if left out.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "MODEL",
        };
        name.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        var options = new ServeOptions();
        var adapters = new AdapterOptions(merges: true);
        var command = new Command("serve", "Answer over HTTP: the APIs of OpenAI, Anthropic, llama-server and Ollama.") { name };
        options.AddTo(command);
        adapters.AddTo(command);
        Parameter[] opening = [.. Parameters.All.Where(parameter => s_opening.Contains(parameter.Name))];
        Option[] openings = [.. opening.Select(parameter => parameter.Option())];
        foreach (Option option in openings)
            command.Options.Add(option);
        command.SetAction((parsed, stop) =>
        {
            string? path = (parsed.GetValue(name) ?? parsed.GetValue(options.Model)) is { } word ? Words.Model(word, terminal) : null;
            RunSettings settings = options.Planned(parsed, Parameters.Read(parsed, openings, opening)).Planned(path, out Plan? plan);
            if (plan is not null)
                terminal.Note($"plan: {plan}");
            return RunAsync(
                terminal,
                options.Listening(parsed, terminal),
                options.Server(parsed, terminal) with
                {
                    Model = path,
                    Adapters = [.. adapters.Read(parsed).Select(adapter => new ServedAdapter(adapter.Path, adapter.Scale))],
                    Opening = options.Opening(parsed, Words.Drafter(settings.Opening, terminal)),
                },
                stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, Listening listening, ServerOptions options, CancellationToken stop)
    {
        await using WebApplication app = Standalone.Build(listening, options);
        using var told = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;   // not at once: what runs may end
            told.Cancel();
        });
        try
        {
            await app.StartAsync(told.Token);
        }
        catch (IOException fault) when (fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"Port {listening.Port} of {listening.Host} is taken, perhaps by another Thimble or by Ollama; give another one with --port."), fault);
        }

        foreach (string address in app.Urls)
            await terminal.Error.WriteLineAsync($"Listening on {address}; Ctrl+C stops.");
        try
        {
            await Task.Delay(Timeout.Infinite, told.Token);
        }
        catch (OperationCanceledException)
        {
            // asked to stop, which is what was waited for
        }

        await app.StopAsync(CancellationToken.None);
        return ExitCode.Success;
    }
}
