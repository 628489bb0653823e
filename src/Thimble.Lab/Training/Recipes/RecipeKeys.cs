using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Thimble.Lab.Training;

/// <summary>A mapping of a recipe, read key by key, so that one that nobody asks for is noticed.</summary>
/// <param name="file">The recipe's path, for messages and for the paths in it.</param>
/// <param name="mapping">The mapping.</param>
/// <param name="prefix">Where in the recipe it stands.</param>
internal sealed class RecipeKeys(string file, YamlMappingNode mapping, string prefix = "")
{
    private readonly HashSet<string> _asked = [];

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="text">Receives it as it is written.</param>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no YAML mapping.</exception>
    public static RecipeKeys Load(string path, out string text)
    {
        text = File.Exists(path) ? File.ReadAllText(path) : throw new FileNotFoundException($"Recipe '{path}' is not there.", path);
        return Parse(path, text);
    }

    /// <summary>Reads a recipe's text.</summary>
    /// <param name="path">Where it is from, for messages and for the paths in it.</param>
    /// <param name="text">YAML.</param>
    /// <exception cref="InvalidDataException">It is no YAML mapping.</exception>
    public static RecipeKeys Parse(string path, string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? new RecipeKeys(path, root)
                : throw new InvalidDataException($"Recipe '{path}' is no YAML mapping of keys to values.");
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException)   // the library throws the second where a text ends inside a list
        {
            throw new InvalidDataException($"Recipe '{path}' cannot be read at line {(e as YamlException)?.Start.Line ?? text.Count(c => c == '\n') + 1}: {e.Message}", e);
        }
    }

    /// <summary>A recipe without keys, to say some.</summary>
    /// <param name="source">Where they are said, for messages.</param>
    public static RecipeKeys None(string source) => new(source, []);

    /// <summary>Says a key, or says it anew.</summary>
    /// <param name="key">The key, with dots where it stands inside of another.</param>
    /// <param name="value">Its value, as YAML writes it.</param>
    /// <exception cref="InvalidDataException">The value is no YAML.</exception>
    public void Say(string key, string value)
    {
        string[] names = key.Split('.');
        YamlMappingNode inner = mapping;
        foreach (string name in names[..^1])
        {
            var node = new YamlScalarNode(name);
            if (!inner.Children.TryGetValue(node, out YamlNode? next) || next is not YamlMappingNode)
                inner.Children[node] = next = new YamlMappingNode();
            inner = (YamlMappingNode)next;
        }

        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader($"v: {value}"));
            inner.Children[new YamlScalarNode(names[^1])] = ((YamlMappingNode)stream.Documents[0].RootNode).Children[new YamlScalarNode("v")];
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"'{key}={value}' cannot be read as a key of a recipe and its value: {e.Message}", e);
        }
    }

    /// <summary>The recipe as YAML, with all that was said anew.</summary>
    public string Written()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new YamlStream(new YamlDocument(mapping)).Save(text, assignAnchors: false);
        return text.ToString();
    }

    /// <summary>The recipe's path.</summary>
    public string Path() => file;

    /// <summary>A text; null where it is absent.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Wrong(key, "a text", other),
    };

    /// <summary>A path, seen from the recipe's folder; null where it is absent.</summary>
    public string? Path(string key) => Text(key) is { } path
        ? System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!)
        : null;

    /// <summary>A path, or the first of several that is there; null where the key is absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="notes">Told which are not there, where another is taken.</param>
    /// <exception cref="FileNotFoundException">There are several and none is there.</exception>
    public string? FirstPath(string key, List<string> notes)
    {
        if (Find(key) is not YamlSequenceNode { Children.Count: > 0 } list)
            return Path(key);
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!;
        string[] names = Words(key)!, paths = [.. names.Select(name => System.IO.Path.GetFullPath(name, folder))];
        int first = Array.FindIndex(paths, System.IO.Path.Exists);
        if (first < 0)
            throw new FileNotFoundException($"Recipe '{file}', line {list.Start.Line}: of '{prefix}{key}' none is there: {string.Join(", ", names)}.", paths[0]);
        if (first > 0)
            notes.Add($"'{prefix}{key}': {string.Join(", ", names[..first])} is not there; {names[first]} is taken");
        return paths[first];
    }

    /// <summary>A whole number from 0 on; null where it is absent.</summary>
    public int? Whole(string key) => Text(key) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int value) && value >= 0 ? value
        : throw Wrong(key, "a whole number from 0 on", Find(key)!);

    /// <summary>A list of texts; null where it is absent.</summary>
    public string[]? Words(string key) => Find(key) switch
    {
        null => null,
        YamlSequenceNode list => [.. list.Children.Select(item => item is YamlScalarNode { Value: { } word } ? word : throw Wrong(key, "a list of texts", item))],
        var other => throw Wrong(key, "a list of texts", other),
    };

    /// <summary>A number; null where it is absent.</summary>
    public float? Number(string key) => Text(key) is not { } text ? null
        : float.TryParse(text, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value) ? value
        : throw Wrong(key, "a number", Find(key)!);

    /// <summary>Yes or no; null where it is absent.</summary>
    public bool? Flag(string key) => Text(key) is not { } text ? null
        : bool.TryParse(text, out bool value) ? value
        : throw Wrong(key, "true or false", Find(key)!);

    /// <summary>A mapping inside; null where it is absent.</summary>
    public RecipeKeys? Part(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode inner => new RecipeKeys(file, inner, $"{prefix}{key}."),
        var other => throw Wrong(key, "keys and values", other),
    };

    /// <summary>A list of mappings, at least one.</summary>
    public IEnumerable<RecipeKeys> List(string key) => Find(key) switch
    {
        null => throw Missing(key),
        YamlSequenceNode { Children.Count: > 0 } list => list.Children.Select((item, i) => item is YamlMappingNode inner
            ? new RecipeKeys(file, inner, $"{prefix}{key}[{i}].")
            : throw Wrong(key, "a list of keys and values", item)),
        var other => throw Wrong(key, "a list", other),
    };

    /// <summary>Complains about a key that nobody asked for.</summary>
    /// <exception cref="InvalidDataException">There is one; the message lists those that are known.</exception>
    public void RequireAllUsed()
    {
        foreach (YamlNode key in mapping.Children.Keys)
        {
            if (key is YamlScalarNode { Value: { } name } && !_asked.Contains(name))
                throw new InvalidDataException($"Recipe '{file}', line {key.Start.Line}: key '{prefix}{name}' is unknown; known: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}.");
        }
    }

    /// <summary>A complaint about a key that is not there.</summary>
    public InvalidDataException Missing(string key) => new($"Recipe '{file}' lacks the key '{prefix}{key}'.");

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? value : null;
    }

    private InvalidDataException Wrong(string key, string expected, YamlNode got) =>
        new($"Recipe '{file}', line {got.Start.Line}: '{prefix}{key}' is '{got}'; expected {expected}.");
}
