using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>A schema document: its resources, its named places, and where its references lead.</summary>
/// <remarks>Source: JSON Schema core, draft 2020-12, sections 8 and 9; draft 7, section 8.</remarks>
internal sealed class SchemaDocument
{
    /// <summary>The name under which a root with <c>$recursiveAnchor</c> is kept.</summary>
    public const string Recursive = "\u0003";

    private const int MostPlaces = 200_000;

    private static readonly string[] s_single =
    [
        "additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties", "contentSchema",
    ];

    private static readonly string[] s_lists = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
    private static readonly string[] s_maps = ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

    private readonly Dictionary<string, SchemaPlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);

    /// <summary>Reads a document.</summary>
    /// <exception cref="ArgumentException">It has an address that is none.</exception>
    /// <exception cref="CapacityException">It is too large.</exception>
    public SchemaDocument(JsonElement root)
    {
        Draft = DraftOf(root);
        var resource = new SchemaResource(new Uri("json-schema:///schema"));
        Add(root, "", resource);
        _resources.TryAdd(Key(resource.Address), resource);
        if (resource.Root is null)
            resource.Root = _places[""];
        Root = _places[""];
    }

    /// <summary>The whole document.</summary>
    public SchemaPlace Root { get; }

    /// <summary>The draft it is written in: 4, 6, 7, 2019 or 2020.</summary>
    public int Draft { get; }

    /// <summary>The schema at a place below another.</summary>
    public SchemaPlace Below(SchemaPlace place, JsonElement element, params ReadOnlySpan<string> steps)
    {
        string pointer = place.Pointer;
        foreach (string step in steps)
            pointer += $"/{Escape(step)}";
        return _places.TryGetValue(pointer, out SchemaPlace? known) ? known : Add(element, pointer, place.Resource);
    }

    /// <summary>Where a reference leads.</summary>
    /// <exception cref="ArgumentException">It leads nowhere.</exception>
    /// <exception cref="NotSupportedException">It leads into another document.</exception>
    public SchemaPlace Resolve(SchemaPlace from, string reference, string keyword)
    {
        if (!Uri.TryCreate(from.Resource.Address, reference, out Uri? target))
            throw new ArgumentException($"The schema's '{keyword}' at '{from.Pointer}/{keyword}' is no address: '{reference}'.");
        SchemaResource resource = reference.StartsWith('#') ? from.Resource
            : _resources.TryGetValue(Key(target), out SchemaResource? known) ? known
            : throw new NotSupportedException($"The schema's '{keyword}' at '{from.Pointer}/{keyword}' leads to another document, '{reference}'; only references within the schema are followed. Put that document under '$defs'.");
        string fragment = Uri.UnescapeDataString(reference.Contains('#', StringComparison.Ordinal) ? reference[(reference.IndexOf('#', StringComparison.Ordinal) + 1)..] : "");
        return fragment.Length == 0 ? resource.Root
            : fragment[0] == '/' ? Walk(resource.Root, fragment) ?? throw Nowhere()
            : resource.Anchors.GetValueOrDefault(fragment) ?? throw Nowhere();

        ArgumentException Nowhere() => new($"The schema's '{keyword}' at '{from.Pointer}/{keyword}' leads nowhere: '{reference}'.");
    }

    private static int DraftOf(JsonElement root)
    {
        string name = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out JsonElement schema) && schema.ValueKind == JsonValueKind.String
            ? schema.GetString()! : "";
        foreach ((string sign, int draft) in ((string, int)[])[("draft-03", 4), ("draft-04", 4), ("draft-06", 6), ("draft-07", 7), ("2019-09", 2019)])
        {
            if (name.Contains(sign, StringComparison.Ordinal))
                return draft;
        }

        return 2020;
    }

    private SchemaPlace Add(JsonElement element, string pointer, SchemaResource resource)
    {
        if (_places.Count == MostPlaces)
            throw new CapacityException($"The schema holds more than {MostPlaces} schemas; allowed are {MostPlaces}.", MostPlaces + 1, MostPlaces);
        bool isObject = element.ValueKind == JsonValueKind.Object;
        string? id = isObject ? Text(element, Draft == 4 ? "id" : "$id") : null;
        if (id is not null && Draft <= 7 && element.TryGetProperty("$ref", out _))
            id = null;   // up to draft 7, nothing beside a reference counts
        SchemaPlace place;
        if (id is not null && (!id.StartsWith('#') || Draft > 7))
        {
            if (!Uri.TryCreate(resource.Address, id.TrimEnd('#'), out Uri? address))
                throw new ArgumentException($"The schema's '$id' at '{pointer}' is no address: '{id}'.");
            resource = new(address);
            place = new(element, pointer, resource);
            resource.Root = place;
            _resources.TryAdd(Key(address), resource);
        }
        else
        {
            place = new(element, pointer, resource);
            resource.Root ??= place;
            if (id is not null)
                resource.Anchors.TryAdd(id[1..], place);
        }

        _places[pointer] = place;
        if (!isObject)
            return place;

        if (Text(element, "$anchor") is { } anchor)
            resource.Anchors.TryAdd(anchor, place);
        if (Text(element, "$dynamicAnchor") is { } dynamic)
        {
            resource.Anchors.TryAdd(dynamic, place);
            resource.DynamicAnchors.TryAdd(dynamic, place);
        }

        if (element.TryGetProperty("$recursiveAnchor", out JsonElement recursive) && recursive.ValueKind == JsonValueKind.True && ReferenceEquals(resource.Root, place))
            resource.DynamicAnchors.TryAdd(Recursive, place);
        AddBelow(element, pointer, resource);
        return place;
    }

    private void AddBelow(JsonElement element, string pointer, SchemaResource resource)
    {
        foreach (JsonProperty keyword in element.EnumerateObject())
        {
            string at = $"{pointer}/{Escape(keyword.Name)}";
            if (keyword.Value.ValueKind == JsonValueKind.Object && Array.IndexOf(s_maps, keyword.Name) >= 0)
            {
                foreach (JsonProperty member in keyword.Value.EnumerateObject())
                    AddSchema(member.Value, $"{at}/{Escape(member.Name)}", resource);
            }
            else if (keyword.Value.ValueKind == JsonValueKind.Array && Array.IndexOf(s_lists, keyword.Name) >= 0)
            {
                int index = 0;
                foreach (JsonElement member in keyword.Value.EnumerateArray())
                    AddSchema(member, $"{at}/{index++}", resource);
            }
            else if (Array.IndexOf(s_single, keyword.Name) >= 0)
            {
                AddSchema(keyword.Value, at, resource);
            }
        }
    }

    private void AddSchema(JsonElement element, string pointer, SchemaResource resource)
    {
        if (element.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False && !_places.ContainsKey(pointer))
            Add(element, pointer, resource);
    }

    private SchemaPlace? Walk(SchemaPlace root, string fragment)
    {
        SchemaPlace place = root;
        JsonElement element = root.Element;
        string pointer = root.Pointer;
        foreach (string raw in fragment[1..].Split('/'))
        {
            string step = raw.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(step, out JsonElement member))
                element = member;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(step, out int index) && index >= 0 && index < element.GetArrayLength())
                element = element[index];
            else
                return null;
            pointer += $"/{Escape(step)}";
            place = _places.GetValueOrDefault(pointer, place);
        }

        return place.Pointer == pointer ? place : Add(element, pointer, place.Resource);
    }

    private static string? Text(JsonElement element, string keyword) =>
        element.TryGetProperty(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Key(Uri address) => address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped).TrimEnd('#');

    private static string Escape(string step) => step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
