using System.CommandLine;

namespace Thimble.Cli.Options;

/// <summary>Keys of a training recipe as options, so that a short training needs no file.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<string> _model = new("--model") { Description = "The model to begin from.", HelpName = "FILE" };
    private readonly Option<string[]> _texts = new("--text") { Description = "Texts to learn from: chat, instruction (.jsonl), lines or text. May be repeated.", HelpName = "FILE[=KIND]" };
    private readonly Option<string> _output = new("--output") { Description = "Where the outcome is written: a GGUF file, or an adapter's folder.", HelpName = "PATH" };
    private readonly Option<string> _adapter = new("--adapter") { Description = "Train an adapter in place of the model: dora, lora, p_tuning, parallel, prefix, prompt, scaled_parallel or series.", HelpName = "KIND" };
    private readonly Option<int?> _steps = new("--steps") { Description = "Steps to train for.", HelpName = "N" };
    private readonly Option<string[]> _set = new("--set") { Description = "Any key of the recipe, such as adapter.rank=16. May be repeated.", HelpName = "KEY=VALUE" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _texts, _output, _adapter, _steps, _set])
            command.Options.Add(option);
    }

    /// <summary>The keys that were said.</summary>
    /// <exception cref="ArgumentException">A key has no value.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Read(ParseResult parsed)
    {
        List<KeyValuePair<string, string>> keys = [];
        Add("model", Full(parsed.GetValue(_model)));
        Add("output", Full(parsed.GetValue(_output)));
        Add("adapter.kind", parsed.GetValue(_adapter));
        Add("steps", parsed.GetValue(_steps)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (parsed.GetValue(_texts) is { Length: > 0 } texts)
            Add("texts", $"[{string.Join(", ", texts.Select(Text))}]");
        foreach (string pair in parsed.GetValue(_set) ?? [])
        {
            int at = pair.IndexOf('=', StringComparison.Ordinal);
            keys.Add(at > 0 ? new(pair[..at], pair[(at + 1)..]) : throw new ArgumentException($"--set: '{pair}' has no value; expected KEY=VALUE, as in '--set adapter.rank=16'."));
        }

        return keys;

        void Add(string key, string? value)
        {
            if (value is not null)
                keys.Add(new(key, value));
        }
    }

    /// <summary>The paths of model and outcome as they were said.</summary>
    public (string? Model, string? Output) Paths(ParseResult parsed) => (parsed.GetValue(_model), parsed.GetValue(_output));

    private static string? Full(string? path) => path is null ? null : Quoted(Path.GetFullPath(path));

    private static string Text(string text)
    {
        int at = text.LastIndexOf('=');
        string path = at > 0 ? text[..at] : text;
        string kind = at > 0 ? text[(at + 1)..] : path.Contains(".jsonl", StringComparison.OrdinalIgnoreCase) ? "instruction" : "text";
        return $"{{ path: {Quoted(Path.GetFullPath(path))}, kind: {kind} }}";
    }

    /// <summary>A text as YAML writes it whatever it holds.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
