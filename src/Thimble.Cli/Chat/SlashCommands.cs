using System.Text.Json;
using Thimble.Cli.Options;
using Thimble.Cli.Output;

namespace Thimble.Cli.Chat;

/// <summary>The commands inside a conversation.</summary>
internal sealed class SlashCommands(Interactive talk)
{
    private const string Help = """
        /set parameter NAME VALUE   Set a parameter, such as temperature 0.5; without a name, list them
        /set system TEXT            Tell the model about its task
        /set seed N                 Set the seed; -1 takes a new one each time
        /set history | nohistory    Keep typed lines for later, or do not
        /set verbose | quiet        Show timings, or do not
        /show info                  Show what the model is
        /show parameters            Show the parameters that were set
        /show system                Show what the model was told
        /show template              Show the chat template
        /show license               Show what the model says of its licence
        /save FILE                  Save the conversation as JSON
        /load FILE                  Load a conversation
        /clear                      Forget what was said
        /bye                        Leave
        Three quotation marks begin and end a text of several lines. Ctrl+C stops a reply.
        """;

    private TextWriter Out => talk.Terminal.Out;

    /// <summary>Runs a command.</summary>
    /// <returns>Whether the conversation goes on.</returns>
    /// <exception cref="ArgumentException">There is no such command, or it takes something else.</exception>
    public bool Run(string line)
    {
        (string name, string rest) = Cut(line);
        switch (name)
        {
            case "/bye" or "/exit":
                return false;
            case "/?" or "/help":
                Out.WriteLine(Help);
                break;
            case "/set":
                Set(rest);
                break;
            case "/show":
                Show(rest);
                break;
            case "/save":
                Save(File(rest));
                break;
            case "/load":
                Load(File(rest));
                break;
            case "/clear":
                talk.Conversation.Turns.Clear();
                Out.WriteLine("Cleared.");
                break;
            default:
                throw new ArgumentException($"There is no command '{name}'; /? lists them.", nameof(line));
        }

        return true;
    }

    private void Set(string rest)
    {
        (string what, string value) = Cut(rest);
        switch (what)
        {
            case "parameter":
                SetParameter(value);
                break;
            case "seed":
                SetParameter($"seed {value}");
                break;
            case "system":
                talk.Conversation.Tell(value.Length == 0 ? null : Unquoted(value));
                Out.WriteLine(value.Length == 0 ? "The model is told nothing." : "The model is told so.");
                break;
            case "history" or "nohistory":
                talk.History.Keeps = what == "history";
                break;
            case "verbose" or "quiet":
                talk.Verbose = what == "verbose";
                break;
            default:
                throw new ArgumentException($"'/set {what}' is unknown; known: parameter, system, seed, history, nohistory, verbose, quiet.", nameof(rest));
        }
    }

    private void SetParameter(string rest)
    {
        (string name, string value) = Cut(rest);
        Parameter[] settable = [.. Parameters.All.Where(parameter => !parameter.AtOpening)];
        if (name.Length == 0)
        {
            TextTable.Write(Out, [.. settable.Select(parameter => (string[])[parameter.Name, parameter.Help])], "  ");
            return;
        }

        Parameter parameter = Parameters.All.FirstOrDefault(other => other.Name == name)
            ?? throw new ArgumentException($"Parameter '{name}' is unknown; known: {string.Join(", ", settable.Select(other => other.Name))}.", nameof(rest));
        if (parameter.AtOpening)
            throw new ArgumentException($"'{name}' counts when a model is opened; leave and run again with {parameter.Flags[0]}.", nameof(rest));
        if (parameter.Value is not null && value.Length == 0)
            throw new ArgumentException($"'{name}' takes a value: {parameter.Help}", nameof(rest));

        talk.Settings = parameter.Apply(talk.Settings, [Unquoted(value)], name);
        Out.WriteLine($"Set parameter '{name}' to '{talk.Settings.Chosen[name]}'");
    }

    private void Show(string what)
    {
        var report = new ModelReport(talk.Model.File);
        switch (what)
        {
            case "info":
                report.WriteSummary(Out);
                break;
            case "parameters":
                TextTable.Write(Out, [.. talk.Settings.Chosen.Select(pair => (string[])[pair.Key, pair.Value])], "  ");
                if (talk.Settings.Chosen.Count == 0)
                    Out.WriteLine("No parameter was set; '/set parameter' lists them.");
                break;
            case "template":
                Out.WriteLine(report.Template ?? "The model has no chat template: it continues text.");
                break;
            case "license":
                report.WriteLicense(Out);
                break;
            case "system":
                Out.WriteLine(talk.Conversation.System ?? "The model was told nothing.");
                break;
            default:
                throw new ArgumentException($"'/show {what}' is unknown; known: info, parameters, template, license, system.", nameof(what));
        }
    }

    private void Save(string path)
    {
        SavedConversation saved = new(
            talk.Model.Name, talk.Conversation.System, [.. talk.Conversation.Turns.Select(turn => new SavedTurn(turn.Role, turn.Content ?? ""))]);
        System.IO.File.WriteAllText(path, JsonSerializer.Serialize(saved, ReportJson.Default.SavedConversation));
        Out.WriteLine($"Saved {talk.Conversation.Turns.Count} turns to '{path}'.");
    }

    private void Load(string path)
    {
        SavedConversation saved;
        try
        {
            saved = JsonSerializer.Deserialize(System.IO.File.ReadAllText(path), ReportJson.Default.SavedConversation) is { Messages: not null } read
                ? read
                : throw new InvalidDataException($"'{path}' holds no conversation; expected an object with 'messages'.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"'{path}' is no conversation: {fault.Message}", fault);
        }

        talk.Conversation.Tell(saved.System);
        talk.Conversation.Turns.Clear();
        talk.Conversation.Turns.AddRange(saved.Messages.Select(turn => new Thimble.Models.Chat.ChatTurn(turn.Role, turn.Content)));
        Out.WriteLine($"Loaded {saved.Messages.Count} turns from '{path}'.");
        if (saved.Model != talk.Model.Name)
            Out.WriteLine($"They were held with '{saved.Model}'; '{talk.Model.Name}' goes on.");
    }

    private static string File(string rest) =>
        rest.Length > 0 ? Unquoted(rest) : throw new ArgumentException("A file is missing: /save FILE, /load FILE.", nameof(rest));

    private static (string Word, string Others) Cut(string text)
    {
        text = text.Trim();
        int end = text.IndexOf(' ', StringComparison.Ordinal);
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim());
    }

    private static string Unquoted(string text) => text is ['"', .. var inner, '"'] ? inner : text;
}
