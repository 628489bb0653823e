using System.Globalization;
using System.Text.Json;

namespace Thimble.Library;

/// <summary>Reads the lines of a Modelfile: a word, and a text that may stand in quotes or, over several lines, in three of them.</summary>
/// <remarks>Source: Ollama, "Modelfile Reference".</remarks>
internal sealed class Modelfile(string text)
{
    private const string Quotes = "\"\"\"";
    private static readonly string[] s_flags = ["true", "false"];

    private readonly string[] _lines = text.ReplaceLineEndings("\n").Split('\n');
    private int _line;

    public ModelRecipe Read()
    {
        ModelRecipe? recipe = null;
        Dictionary<string, List<JsonElement>> parameters = new(StringComparer.Ordinal);
        List<string> adapters = [], licenses = [];
        string? system = null, template = null;
        for (; _line < _lines.Length; _line++)
        {
            string line = _lines[_line].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;

            int first = _line + 1, space = line.IndexOfAny([' ', '\t']);
            string word = (space < 0 ? line : line[..space]).ToUpperInvariant(), rest = space < 0 ? "" : line[(space + 1)..].Trim();
            switch (word)
            {
                case "FROM":
                    recipe = new(Text(rest, first));
                    break;
                case "SYSTEM":
                    system = Text(rest, first);
                    break;
                case "TEMPLATE":
                    template = Text(rest, first);
                    break;
                case "LICENSE":
                    licenses.Add(Text(rest, first));
                    break;
                case "ADAPTER":
                    adapters.Add(Text(rest, first));
                    break;
                case "PARAMETER":
                    (string name, JsonElement value) = Parameter(rest, first);
                    if (!parameters.TryGetValue(name, out List<JsonElement>? values))
                        parameters[name] = values = [];
                    values.Add(value);
                    break;
                default:
                    throw new NotSupportedException($"Line {first} of the Modelfile begins with '{word}'; known: ADAPTER, FROM, LICENSE, PARAMETER, SYSTEM, TEMPLATE.");
            }
        }

        return (recipe ?? throw new InvalidDataException("The Modelfile has no FROM, which names the model it is made of.")) with
        {
            System = system,
            Template = template,
            Parameters = parameters.ToDictionary(pair => pair.Key, pair => One(pair.Key, pair.Value)),
            License = licenses.Count == 0 ? null : string.Join("\n\n", licenses),
            Adapters = adapters.Count == 0 ? null : adapters,
        };
    }

    /// <summary>A text as it stands behind its word; the current line moves to its last.</summary>
    private string Text(string rest, int first)
    {
        if (!rest.StartsWith(Quotes, StringComparison.Ordinal))
        {
            string plain = rest is ['"', .., '"'] && rest.Length > 1 ? rest[1..^1] : rest;
            return plain.Length > 0 ? plain : throw new InvalidDataException($"Line {first} of the Modelfile has nothing behind its first word.");
        }

        // From the raw line: blanks within the quotes count.
        string open = _lines[_line][(_lines[_line].IndexOf(Quotes, StringComparison.Ordinal) + Quotes.Length)..];
        List<string> parts = [];
        while (true)
        {
            int close = open.IndexOf(Quotes, StringComparison.Ordinal);
            if (close >= 0)
            {
                parts.Add(open[..close]);
                return string.Join('\n', parts).TrimStart('\n');
            }

            parts.Add(open);
            if (++_line >= _lines.Length)
                throw new InvalidDataException($"The text that begins in line {first} of the Modelfile has no closing {Quotes}.");
            open = _lines[_line];
        }
    }

    private (string Name, JsonElement Value) Parameter(string rest, int first)
    {
        int space = rest.IndexOfAny([' ', '\t']);
        if (space < 0)
            throw new InvalidDataException($"Line {first} of the Modelfile has no value: expected PARAMETER NAME VALUE.");

        string value = Text(rest[(space + 1)..].Trim(), first);
        bool isJson = s_flags.Contains(value) || (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number));
        using var json = JsonDocument.Parse(isJson && rest[..space] != "stop" ? value.TrimStart('+') : $"\"{JsonEncodedText.Encode(value)}\"");
        return (rest[..space].ToLowerInvariant(), json.RootElement.Clone());
    }

    /// <summary>Several values of <c>stop</c> are a list; of others, the last counts.</summary>
    private static JsonElement One(string name, List<JsonElement> values)
    {
        if (name != "stop")
            return values[^1];

        using var json = JsonDocument.Parse($"[{string.Join(',', values.Select(value => value.GetRawText()))}]");
        return json.RootElement.Clone();
    }
}
