using System.Globalization;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Thimble.Tests.Server;

/// <summary>The description that OpenAI publishes of its API, as far as it describes JSON: what a value lacks or has too much of.</summary>
/// <remarks><c>oneOf</c> counts as <c>anyOf</c>: the alternatives there overlap.</remarks>
internal sealed class OpenApi
{
    private readonly YamlMappingNode _schemas;

    private OpenApi(YamlMappingNode schemas) => _schemas = schemas;

    public static OpenApi Load(string path)
    {
        var yaml = new YamlStream();
        using var reader = new StringReader(WithoutTexts(File.ReadLines(path)));
        yaml.Load(reader);
        return new((YamlMappingNode)((YamlMappingNode)yaml.Documents[0].RootNode["components"])["schemas"]);
    }

    /// <summary>The lines without those of block texts: descriptions and examples, which say nothing here and some of which no reader takes.</summary>
    private static string WithoutTexts(IEnumerable<string> lines)
    {
        var kept = new System.Text.StringBuilder();
        int block = -1;   // spaces before the key whose text is left out
        foreach (string line in lines)
        {
            int spaces = line.Length - line.TrimStart().Length;
            if (block >= 0 && (spaces > block || line.Trim().Length == 0))
                continue;
            block = -1;
            string end = line.TrimEnd();
            bool opens = end.EndsWith(": |", StringComparison.Ordinal) || end.EndsWith(": >", StringComparison.Ordinal) || end.EndsWith(": |-", StringComparison.Ordinal)
                || end.EndsWith(": >-", StringComparison.Ordinal) || end.EndsWith(": |+", StringComparison.Ordinal);
            if (opens)
                block = spaces + (line.TrimStart().StartsWith("- ", StringComparison.Ordinal) ? 2 : 0);
            kept.Append(opens ? end[..(end.LastIndexOf(": ", StringComparison.Ordinal) + 2)] + "''" : line).Append('\n');
        }

        return kept.ToString();
    }

    /// <summary>What is wrong with a value, each with its path; nothing if it is as described.</summary>
    public List<string> Faults(string schema, JsonElement value) => Faults(_schemas[schema], value, schema);

    /// <summary>What is wrong with an event of a stream, by the alternative that its type names.</summary>
    public List<string> EventFaults(string schema, JsonElement value)
    {
        string type = value.GetProperty("type").GetString()!;
        foreach (YamlNode one in (YamlSequenceNode)(Member(_schemas[schema], "anyOf") ?? Member(_schemas[schema], "oneOf"))!)
        {
            YamlNode known = Resolved(one);
            if (Member(known, "properties", "type", "enum") is YamlSequenceNode names && names.Any(name => ((YamlScalarNode)name).Value == type))
                return Faults(known, value, type);
        }

        return [$"There is no event '{type}'."];
    }

    private List<string> Faults(YamlNode schema, JsonElement value, string path)
    {
        List<string> faults = [];
        if (value.ValueKind == JsonValueKind.Null && Text(schema, "nullable") == "true")
            return faults;
        if (Member(schema, "$ref") is not null)
            return Faults(Resolved(schema), value, path);

        foreach (YamlNode part in Parts(schema, "allOf"))
            faults.AddRange(Faults(part, value, path));
        YamlNode[] any = [.. Parts(schema, "anyOf"), .. Parts(schema, "oneOf")];
        if (any.Length > 0 && any.Select(one => Faults(one, value, path)).MinBy(one => one.Count) is { Count: > 0 } least)
            faults.AddRange(least);
        if (Types(schema) is { Length: > 0 } types && !types.Any(type => IsOf(type, value)))
            return [.. faults, $"{path} is {value.ValueKind}; expected {string.Join(" or ", types)}."];
        if (Member(schema, "enum") is YamlSequenceNode words && value.ValueKind == JsonValueKind.String && !words.Any(word => ((YamlScalarNode)word).Value == value.GetString()))
            faults.Add($"{path} is '{value}'; expected one of: {string.Join(", ", words)}.");
        if (value.ValueKind == JsonValueKind.Number && (Number(schema, "minimum") > value.GetDouble() || Number(schema, "maximum") < value.GetDouble()))
            faults.Add($"{path} is {value}, which is out of range.");
        if (value.ValueKind == JsonValueKind.Object)
            faults.AddRange(OfObject(schema, value, path));
        if (value.ValueKind == JsonValueKind.Array && Member(schema, "items") is { } items)
            faults.AddRange(value.EnumerateArray().SelectMany((item, i) => Faults(items, item, $"{path}[{i}]")));
        return faults;
    }

    private IEnumerable<string> OfObject(YamlNode schema, JsonElement value, string path)
    {
        foreach (YamlNode name in Parts(schema, "required"))
        {
            if (!value.TryGetProperty(((YamlScalarNode)name).Value!, out _))
                yield return $"{path} lacks '{name}'.";
        }

        YamlNode? properties = Member(schema, "properties"), others = Member(schema, "additionalProperties");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (Member(properties, member.Name) is { } known)
            {
                foreach (string fault in Faults(known, member.Value, $"{path}.{member.Name}"))
                    yield return fault;
            }
            else if (others is YamlScalarNode { Value: "false" })
            {
                yield return $"{path} has '{member.Name}', which nobody knows.";
            }
            else if (others is YamlMappingNode)
            {
                foreach (string fault in Faults(others, member.Value, $"{path}.{member.Name}"))
                    yield return fault;
            }
        }
    }

    private YamlNode Resolved(YamlNode schema) =>
        Text(schema, "$ref") is { } reference ? Resolved(_schemas[reference[(reference.LastIndexOf('/') + 1)..]]) : schema;

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"The description has the type '{type}'."),
    };

    private static string[] Types(YamlNode schema) => Member(schema, "type") switch
    {
        YamlScalarNode { Value: { } one } => [one],
        YamlSequenceNode all => [.. all.Select(one => ((YamlScalarNode)one).Value!)],
        _ => [],
    };

    private static YamlNode[] Parts(YamlNode schema, string name) => Member(schema, name) is YamlSequenceNode all ? [.. all] : [];

    private static double? Number(YamlNode schema, string name) => Text(schema, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? Text(YamlNode schema, string name) => (Member(schema, name) as YamlScalarNode)?.Value;

    private static YamlNode? Member(YamlNode? node, params string[] path)
    {
        foreach (string name in path)
            node = node is YamlMappingNode map && map.Children.TryGetValue(name, out YamlNode? found) ? found : null;
        return node;
    }
}
