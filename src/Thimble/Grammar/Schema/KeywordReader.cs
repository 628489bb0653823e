using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>Reads the keywords of one schema.</summary>
/// <param name="reader">Reads schemas below it.</param>
/// <param name="place">The schema.</param>
/// <param name="scope">The schemas passed through.</param>
internal sealed class KeywordReader(SchemaReader reader, SchemaPlace place, SchemaScope scope)
{
    private readonly SchemaReader _reader = reader;
    private readonly SchemaPlace _place = place;
    private readonly SchemaScope _scope = scope;

    /// <summary>The demands of a keyword.</summary>
    /// <exception cref="ArgumentException">It does not say what it may.</exception>
    /// <exception cref="NotSupportedException">It cannot be enforced.</exception>
    public IEnumerable<Formula> Read(string keyword, JsonElement value) => keyword switch
    {
        "$ref" or "$dynamicRef" or "$recursiveRef" => [_reader.Refer(_place, _scope, value, keyword)],
        "type" => [new Formula.Type(Types(value))],
        "enum" => [new Formula.Enum([.. List(keyword, value)])],
        "const" => [new Formula.Enum([value])],
        "allOf" => Each(keyword, value),
        "anyOf" => [new Formula.Any(Each(keyword, value))],
        "oneOf" => [new Formula.One(Each(keyword, value), $"{_place.Pointer}/oneOf")],
        "not" => [new Formula.Not(Child(value, keyword))],
        "if" => If(value),
        "minLength" => [new Formula.Length(Count(keyword, value), Term.Unbounded)],
        "maxLength" => [new Formula.Length(0, Count(keyword, value))],
        "pattern" => Pattern(keyword, value),
        "format" => Format(value),
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf" => Number(keyword, value),
        "minItems" => [new Formula.Count(ofItems: true, Count(keyword, value), Term.Unbounded)],
        "maxItems" => [new Formula.Count(ofItems: true, 0, Count(keyword, value))],
        "uniqueItems" => value.ValueKind == JsonValueKind.True ? [new Formula.Distinct($"{_place.Pointer}/uniqueItems")] : [],
        "prefixItems" or "items" or "additionalItems" or "contains" => Items(keyword, value),
        _ => Members(keyword, value),
    };

    /// <summary>A pattern; one that is a counted class, and nothing else, as that class and a length.</summary>
    private IEnumerable<Formula> Pattern(string keyword, JsonElement value)
    {
        string pattern = Text(keyword, value);
        return CountedClass.In(pattern) is { } counted
            ? [new Formula.Text(_reader.Pattern(_place, keyword, counted.Free)), new Formula.Length(counted.Least, counted.Most)]
            : [new Formula.Text(_reader.Pattern(_place, keyword, pattern))];
    }

    private IEnumerable<Formula> Members(string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "minProperties":
                return [new Formula.Count(ofItems: false, Count(keyword, value), Term.Unbounded)];
            case "maxProperties":
                return [new Formula.Count(ofItems: false, 0, Count(keyword, value))];
            case "required":
                return Names(keyword, value).Select(name => new Formula.Required(name));
            case "properties":
                List<Formula> members = [];
                foreach (JsonProperty member in Object(keyword, value))
                    members.Add(new Formula.Members(KeySet.Of([member.Name]), Child(member.Value, keyword, member.Name)));
                return members;
            case "patternProperties":
                members = [];
                foreach (JsonProperty member in Object(keyword, value))
                    members.Add(new Formula.Members(KeySet.Of([], _reader.Pattern(_place, keyword, member.Name)), Child(member.Value, keyword, member.Name)));
                return members;
            case "additionalProperties":
                return [new Formula.Members(Others(), Child(value, keyword))];
            case "propertyNames":
                return [new Formula.Members(new KeyNames(Child(value, keyword)).Outside(_reader), Formula.Never, evaluates: false)];
            case "dependentRequired":
                return Object(keyword, value).Select(member => Dependent(member, schemas: false));
            case "dependentSchemas":
                return Object(keyword, value).Select(member => Dependent(member, schemas: true));
            case "dependencies":
                return Object(keyword, value).Select(member => Dependent(member, member.Value.ValueKind != JsonValueKind.Array));
            default:
                return [];   // an annotation, or no keyword
        }
    }

    private List<Formula> Items(string keyword, JsonElement value)
    {
        int first = _place["prefixItems"] is { ValueKind: JsonValueKind.Array } prefix ? prefix.GetArrayLength() : 0;
        switch (keyword)
        {
            case "prefixItems":
            case "items" when value.ValueKind == JsonValueKind.Array:
                List<Formula> items = [];
                foreach (Formula item in Each(keyword, value, canBeEmpty: true))
                    items.Add(new Formula.Items(items.Count, andFollowing: false, item));
                return items;
            case "items":
                return [new Formula.Items(first, andFollowing: true, Child(value, keyword))];
            case "additionalItems":
                return _place["items"] is { ValueKind: JsonValueKind.Array } single ? [new Formula.Items(single.GetArrayLength(), andFollowing: true, Child(value, keyword))] : [];
            default:
                int least = _place["minContains"] is { } min ? Count("minContains", min) : 1;
                int most = _place["maxContains"] is { } max ? Count("maxContains", max) : Term.Unbounded;
                return [new Formula.Contains(Child(value, keyword), least, most, evaluates: true)];
        }
    }

    private Formula.Any Dependent(JsonProperty member, bool schemas)
    {
        string keyword = schemas ? _place["dependentSchemas"] is not null ? "dependentSchemas" : "dependencies" : "dependentRequired";
        Formula then = schemas
            ? Child(member.Value, keyword, member.Name)
            : new Formula.All([.. Names(keyword, member.Value).Select(name => new Formula.Required(name))]);
        var there = new Formula.Required(member.Name);
        return new Formula.Any([new Formula.All([new Formula.Type(JsonTypes.Object), there, then]), new Formula.Not(new Formula.All([new Formula.Type(JsonTypes.Object), there]))]);
    }

    private IEnumerable<Formula> If(JsonElement value)
    {
        Formula condition = Child(value, "if");
        Formula then = _place["then"] is { } yes ? Child(yes, "then") : Formula.Always;
        Formula otherwise = _place["else"] is { } no ? Child(no, "else") : Formula.Always;
        bool isNeeded = _place["then"] is not null || _place["else"] is not null || _place.Resource.Root["unevaluatedProperties"] is not null;
        return isNeeded || _place["unevaluatedProperties"] is not null || _place["unevaluatedItems"] is not null
            ? [new Formula.Any([new Formula.All([condition, then]), new Formula.All([new Formula.Not(condition), otherwise])])]
            : [];
    }

    private IEnumerable<Formula> Number(string keyword, JsonElement value)
    {
        // In draft 4 the exclusive bounds were switches of the others.
        if (keyword.StartsWith("exclusive", StringComparison.Ordinal) && value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return [];
        if (value.ValueKind != JsonValueKind.Number)
            throw SchemaReader.Wrong(_place, keyword, value, "a number");
        NumberTerms numbers = _reader.Numbers;
        Terms terms = _reader.Spelling.Terms;
        string text = value.GetRawText();
        try
        {
            if (keyword == "multipleOf" && NumberTerms.Shortest(text) is "0" or ['-', ..])
                throw SchemaReader.Wrong(_place, keyword, value, "a number above 0");
            bool isExclusive = keyword.StartsWith("exclusive", StringComparison.Ordinal)
                || (keyword is "minimum" or "maximum" && _place[keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum"] is { ValueKind: JsonValueKind.True });
            Term inside = keyword == "multipleOf" ? numbers.Multiples(text)
                : numbers.Bounded(text, isLeast: keyword.EndsWith("inimum", StringComparison.Ordinal), orEqual: !isExclusive);
            return [new Formula.Number(inside, terms.Both(numbers.Decimals, terms.Not(inside)))];
        }
        catch (NotSupportedException fault)
        {
            throw new NotSupportedException($"The schema's '{keyword}' at '{_place.Pointer}/{keyword}' asks for {fault.Message} which cannot be enforced.", fault);
        }
    }

    private IEnumerable<Formula> Format(JsonElement value)
    {
        string name = Text("format", value);
        if (TextFormats.Range(name) is { } range)
        {
            NumberTerms numbers = _reader.Numbers;
            Terms terms = _reader.Spelling.Terms;
            Term inside = terms.Both(numbers.Bounded(range.Least, isLeast: true, orEqual: true), numbers.Bounded(range.Most, isLeast: false, orEqual: true));
            return [new Formula.Number(inside, terms.Both(numbers.Decimals, terms.Not(inside)))];
        }

        return _reader.Format(_place, name) is { } language ? [new Formula.Text(language)] : [];
    }

    /// <summary>The keys that neither <c>properties</c> nor <c>patternProperties</c> beside speak of.</summary>
    private KeySet Others()
    {
        SchemaReader reader = _reader;
        SchemaPlace place = _place;
        string[] names = place["properties"] is { } properties ? [.. Object("properties", properties).Select(member => member.Name)] : [];
        Term[] patterns = place["patternProperties"] is { } some
            ? [.. Object("patternProperties", some).Select(member => reader.Pattern(place, "patternProperties", member.Name))] : [];
        return KeySet.AllBut(names, patterns);
    }

    private JsonTypes Types(JsonElement value)
    {
        JsonTypes types = JsonTypes.None;
        foreach (JsonElement one in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : (JsonElement[])[value])
        {
            types |= (one.ValueKind == JsonValueKind.String ? one.GetString() : null) switch
            {
                "null" => JsonTypes.Null,
                "boolean" => JsonTypes.Boolean,
                "integer" => JsonTypes.Integer,
                "number" => JsonTypes.Number | JsonTypes.Integer,
                "string" => JsonTypes.String,
                "array" => JsonTypes.Array,
                "object" => JsonTypes.Object,
                _ => throw SchemaReader.Wrong(_place, "type", one, "array, boolean, integer, null, number, object or string"),
            };
        }

        return types;
    }

    private List<Formula> Each(string keyword, JsonElement value, bool canBeEmpty = false)
    {
        List<Formula> all = [];
        foreach (JsonElement element in List(keyword, value))
            all.Add(Child(element, keyword, $"{all.Count}"));
        return all.Count > 0 || canBeEmpty ? all : throw SchemaReader.Wrong(_place, keyword, value, "a list of schemas, at least one");
    }

    private JsonElement.ArrayEnumerator List(string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw SchemaReader.Wrong(_place, keyword, value, "a list");

    private JsonElement.ObjectEnumerator Object(string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw SchemaReader.Wrong(_place, keyword, value, "an object");

    private IEnumerable<string> Names(string keyword, JsonElement value)
    {
        SchemaPlace place = _place;
        return [.. List(keyword, value).Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : throw SchemaReader.Wrong(place, keyword, value, "a list of names"))];
    }

    private string Text(string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw SchemaReader.Wrong(_place, keyword, value, "a text");

    private int Count(string keyword, JsonElement value) => SchemaReader.Count(_place, keyword, value);

    private Formula Child(JsonElement element, params ReadOnlySpan<string> steps) => _reader.Child(_place, _scope, element, steps);
}
