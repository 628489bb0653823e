using System.CommandLine;
using Thimble.Cli.Chat;
using Thimble.Cli.Options;
using Thimble.Cli.Output;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble run [MODEL] [PROMPT...]</c>: writes an answer or a continuation, or talks.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("MODEL PROMPT")
        {
            Description = "A model's name, file or folder, and the prompt. Without a model, the one inside this program writes.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "MODEL PROMPT",
        };
        words.CompletionSources.Add(_ => Words.Folder(terminal).List().Select(model => new System.CommandLine.Completions.CompletionItem(model.Name)));
        var model = new Option<string>("--model", "-m") { Description = "The model; all words are the prompt then.", HelpName = "MODEL" };
        var system = new Option<string>("--system", "--system-prompt", "-sys") { Description = "What the model is told about its task.", HelpName = "TEXT" };
        var raw = new Option<bool>("--raw", "--no-template") { Description = "Give the prompt to the model as it stands, without its chat template." };
        var quiet = new Option<bool>("--no-display-prompt") { Description = "Do not repeat the beginning that is continued." };
        var verbose = new Option<bool>("--verbose") { Description = "Show how long it took." };
        var images = new Option<string[]>("--image") { Description = "A picture that the prompt is about (PNG, JPEG or BMP). May be repeated.", HelpName = "FILE" };
        var projector = new Option<string>("--mmproj") { Description = "The model's projector file; without it, the one beside the model.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write one JSON object when all is done." };
        var adapters = new AdapterOptions(merges: false);
        Option[] parameters = [.. Parameters.All.Select(parameter => parameter.Option())];

        var command = new Command("run", "Run a model: with a prompt once, without one as a conversation.") { words, model, system, raw, quiet, verbose, json, images, projector };
        foreach (Option parameter in parameters)
            command.Options.Add(parameter);
        adapters.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            string[] typed = Words.Of(parsed, words);
            (string? path, string prompt) = parsed.GetValue(model) is { } named
                ? (Words.Model(named, terminal), string.Join(' ', typed))
                : Words.Split(typed, terminal);
            ModelDefaults? defaults = path is null ? null : Words.Defaults(parsed.GetValue(model) ?? typed[0], terminal);
            return RunAsync(terminal, path, prompt, new()
            {
                Settings = Drafted(Seeing(Parameters.Read(parsed, parameters).Over(defaults, terminal), parsed.GetValue(projector)), terminal),
                Images = parsed.GetValue(images) ?? [],
                Adapters = [.. (defaults?.Adapters ?? []).Select(adapter => new AdapterRequest(adapter)), .. adapters.Read(parsed)],
                System = parsed.GetValue(system) ?? (parsed.GetValue(raw) ? null : defaults?.System),
                Raw = parsed.GetValue(raw),
                Echo = !parsed.GetValue(quiet),
                Verbose = parsed.GetValue(verbose),
                Json = parsed.GetValue(json),
            }, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string? path, string prompt, RunRequest request, CancellationToken stop)
    {
        if (!terminal.HasKeys)
            prompt = Joined((await terminal.In.ReadToEndAsync(stop)).TrimEnd('\r', '\n'), prompt);
        bool talks = prompt.Length == 0;
        if (talks && request.Images.Count > 0)
            throw new ArgumentException("There is no prompt about the image: give one behind 'run', such as \"What is this?\".", nameof(prompt));
        if (talks && !(terminal.HasKeys && terminal.ShowsResults && !request.Json))
            throw new ArgumentException("There is no prompt: give one behind 'run', or pipe one in; to talk, run it in a terminal.", nameof(prompt));

        request = request with { Settings = request.Settings.Planned(path, out Thimble.Planning.Plan? plan) };
        if (plan is not null)
            terminal.Note($"plan: {plan}");
        using Model model = path is null ? Model.OpenDefault(request.Settings.Opening) : await OpenAsync(terminal, path, request.Settings.Opening);
        request = request with { Settings = request.Settings with { Generation = request.Settings.Generation with { Adapters = AdapterOptions.Load(request.Adapters, model) } } };
        if (talks)
            return await new Interactive(terminal, model, request).RunAsync();
        return await new OneShot(terminal, model, request).RunAsync(prompt, stop);
    }

    private static RunSettings Drafted(RunSettings settings, Terminal terminal) => settings with { Opening = Words.Drafter(settings.Opening, terminal) };

    private static RunSettings Seeing(RunSettings settings, string? projector) =>
        projector is null ? settings : settings with { Opening = settings.Opening with { Projector = projector } };

    private static async Task<Model> OpenAsync(Terminal terminal, string path, ModelOptions options)
    {
        var opening = Task.Run(() => Model.Open(path, options));
        await Waiting.ForAsync(terminal, $"opening {Path.GetFileName(path)}", opening);
        return await opening;
    }

    /// <summary>What is piped in stands first, as the text that the words speak about.</summary>
    private static string Joined(string piped, string typed) => piped.Length == 0 ? typed : typed.Length == 0 ? piped : $"{piped}\n\n{typed}";
}
