namespace Thimble.Cli.Options;

/// <summary>The knobs that say what a text must look like; of several, the last counts.</summary>
internal static class FormatParameters
{
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("format", ["--format"], "json|SCHEMA", "Write JSON: json for any object, or a schema, or @ and a file with one.",
            (s, v) => Formed(s, v[^1] == "json" ? OutputFormat.Json : Schema(v[^1]))),
        new("json_schema", ["--json-schema", "--schema", "-j"], "SCHEMA", "Write JSON that this schema describes: JSON, or @ and a file. '{}' is any JSON.",
            (s, v) => Formed(s, Schema(v[^1]))),
        new("grammar", ["--grammar"], "GBNF", "Write what this grammar describes, in llama.cpp's notation.",
            (s, v) => Formed(s, OutputFormat.Grammar(v[^1]))),
        new("grammar_file", ["--grammar-file"], "FILE", "Write what the grammar in this file describes.",
            (s, v) => Formed(s, OutputFormat.Grammar(Text(v[^1])))),
        new("regex", ["--regex"], "PATTERN", "Write what this regular expression matches from beginning to end.",
            (s, v) => Formed(s, OutputFormat.Regex(v[^1]))),
        new("choice", ["--choice"], "TEXT", "Write one of these texts. May be repeated.",
            (s, v) => Formed(s, OutputFormat.Choice(v))) { Repeats = true },
        new("format_after", ["--format-after"], "TEXT", "The format begins behind this text, such as '</think>'; what stands before is free.",
            (s, v) => Formed(s, Of(s) with { After = v[^1] })),
        new("format_trigger", ["--format-trigger"], "TEXT", "The format begins behind this text wherever it comes; without it the text is free. May be repeated.",
            (s, v) => Formed(s, Of(s) with { Triggers = [.. v] })) { Repeats = true },
    ];

    private static OutputFormat Schema(string text) => OutputFormat.JsonSchema(text.StartsWith('@') ? Text(text[1..]) : text);

    private static OutputFormat Of(RunSettings settings) => settings.Generation.Format
        ?? throw new ArgumentException("there is no format that could begin there; give one, such as --json-schema.", nameof(settings));

    private static RunSettings Formed(RunSettings settings, OutputFormat format) => settings with { Generation = settings.Generation with { Format = format } };

    private static string Text(string path) =>
        File.Exists(path) ? File.ReadAllText(path) : throw new ArgumentException($"There is no file '{path}'.", nameof(path));
}
