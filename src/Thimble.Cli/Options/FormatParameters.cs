namespace Thimble.Cli.Options;

/// <summary>The knobs that say what a text must look like; of several, the last counts.</summary>
internal static class FormatParameters
{
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("json_schema", ["--json-schema", "-j"], "SCHEMA", "Write JSON that this schema describes: JSON, or @ and a file. '{}' is any JSON.",
            (s, v) => Formed(s, OutputFormat.JsonSchema(v[^1].StartsWith('@') ? Text(v[^1][1..]) : v[^1]))),
        new("grammar", ["--grammar"], "GBNF", "Write what this grammar describes, in llama.cpp's notation.",
            (s, v) => Formed(s, OutputFormat.Grammar(v[^1]))),
        new("grammar_file", ["--grammar-file"], "FILE", "Write what the grammar in this file describes.",
            (s, v) => Formed(s, OutputFormat.Grammar(Text(v[^1])))),
        new("regex", ["--regex"], "PATTERN", "Write what this regular expression matches from beginning to end.",
            (s, v) => Formed(s, OutputFormat.Regex(v[^1]))),
        new("choice", ["--choice"], "TEXT", "Write one of these texts. May be repeated.",
            (s, v) => Formed(s, OutputFormat.Choice(v))) { Repeats = true },
    ];

    private static RunSettings Formed(RunSettings settings, OutputFormat format) => settings with { Generation = settings.Generation with { Format = format } };

    private static string Text(string path) =>
        File.Exists(path) ? File.ReadAllText(path) : throw new ArgumentException($"There is no file '{path}'.", nameof(path));
}
