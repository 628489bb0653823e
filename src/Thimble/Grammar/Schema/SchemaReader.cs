using System.Globalization;
using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>From the keywords of schemas to demands.</summary>
/// <remarks>Source: JSON Schema validation, drafts 7 and 2020-12. Words that are no keywords are no demands, as the drafts say;
/// keywords that cannot be enforced are refused.</remarks>
internal sealed class SchemaReader
{
    private const int MostLooks = 2_000_000;

    private readonly SchemaDocument _document;
    private readonly Dictionary<(string, string), Formula.Schema> _schemas = [];
    private readonly Dictionary<string, Term> _patterns = new(StringComparer.Ordinal);
    private readonly HashSet<Formula.Schema> _reading = [];
    private HashSet<Formula.Schema> _open = [];
    private int _looks;

    /// <summary>Reads the schemas of a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="spelling">How texts are written; null as JSON writes them.</param>
    public SchemaReader(JsonElement root, Spelling? spelling = null)
    {
        _document = new(root);
        Spelling = spelling ?? new(new(), isJson: true);
        Numbers = new(Spelling.Terms);
        Root = Of(_document.Root, SchemaScope.Outside);
    }

    /// <summary>How texts are written.</summary>
    public Spelling Spelling { get; }

    /// <summary>Numbers as terms.</summary>
    public NumberTerms Numbers { get; }

    /// <summary>What the document demands.</summary>
    public Formula Root { get; }

    private Terms Terms => Spelling.Terms;

    /// <summary>Looks into a schema.</summary>
    /// <exception cref="ArgumentException">The schema refers to itself for the same value, without end.</exception>
    public T Inside<T>(Formula.Schema schema, Func<Formula, T> look)
    {
        if (++_looks > MostLooks)
            throw new CapacityException($"The schema leads through more than {MostLooks} references and alternatives; allowed are {MostLooks}. Its references multiply: refer to each schema fewer times.", MostLooks + 1, MostLooks);
        if (!_open.Add(schema))
            throw new ArgumentException($"The schema at '{schema.Place.Pointer}' refers to itself for the same value, without end.");
        if (_open.Count > 300)
            throw new CapacityException("The schema refers from schema to schema more than 300 times for one value; allowed are 300.", 301, 300);
        try
        {
            return look(schema.Says ??= ReadOnce(schema));
        }
        finally
        {
            _open.Remove(schema);
        }
    }

    /// <summary>Begins to look at another value.</summary>
    /// <returns>Goes back to the one before.</returns>
    public IDisposable Apart()
    {
        var back = new Return(this, _open);
        _open = [];
        return back;
    }

    private Formula.Schema Of(SchemaPlace place, SchemaScope scope)
    {
        if (place.Element.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            throw new ArgumentException($"The schema at '{place.Pointer}' is {place.Element.ValueKind}; expected an object, true or false.");
        scope = scope.Enter(place.Resource);
        return _schemas.TryGetValue((place.Pointer, scope.Key), out Formula.Schema? known) ? known : _schemas[(place.Pointer, scope.Key)] = new(place, scope);
    }

    private Formula ReadOnce(Formula.Schema schema)
    {
        if (!_reading.Add(schema))
            throw new NotSupportedException($"The schema's 'propertyNames' in '{schema.Place.Pointer}' leads back to that schema itself, which is not supported.");
        Formula says = Read(schema.Place, schema.Scope);
        _reading.Remove(schema);
        return says;
    }

    private Formula Read(SchemaPlace place, SchemaScope scope)
    {
        if (place.Element.ValueKind != JsonValueKind.Object)
            return place.Element.ValueKind == JsonValueKind.True ? Formula.Always : Formula.Never;
        var keywords = new KeywordReader(this, place, scope);
        if (place["$ref"] is { } reference && _document.Draft <= 7)
            return Refer(place, scope, reference, "$ref");
        List<Formula> parts = [];
        foreach (JsonProperty keyword in place.Element.EnumerateObject())
            parts.AddRange(keywords.Read(keyword.Name, keyword.Value));
        Formula all = new Formula.All(parts);
        if (place["unevaluatedProperties"] is { } members)
            all = new Formula.Unevaluated(all, Child(place, scope, members, "unevaluatedProperties"), ofItems: false, place.Pointer);
        if (place["unevaluatedItems"] is { } items)
            all = new Formula.Unevaluated(all, Child(place, scope, items, "unevaluatedItems"), ofItems: true, place.Pointer);
        return all;
    }

    /// <summary>What a schema below another demands.</summary>
    internal Formula Child(SchemaPlace place, SchemaScope scope, JsonElement element, params ReadOnlySpan<string> steps) =>
        Of(_document.Below(place, element, steps), scope);

    /// <summary>What a reference demands.</summary>
    internal Formula Refer(SchemaPlace place, SchemaScope scope, JsonElement value, string keyword)
    {
        string reference = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(place, keyword, value, "a text");
        SchemaPlace target = _document.Resolve(place, reference, keyword);
        if (keyword == "$dynamicRef" && reference.Contains('#', StringComparison.Ordinal))
        {
            string name = reference[(reference.IndexOf('#', StringComparison.Ordinal) + 1)..];
            if (target["$dynamicAnchor"] is { ValueKind: JsonValueKind.String } anchor && anchor.GetString() == name)
                target = scope[name] ?? target;
        }

        if (keyword == "$recursiveRef" && target["$recursiveAnchor"] is { ValueKind: JsonValueKind.True })
            target = scope[SchemaDocument.Recursive] ?? target;
        return Of(target, scope);
    }

    /// <summary>The texts in which a regular expression matches somewhere.</summary>
    /// <exception cref="NotSupportedException">It uses what no automaton can follow.</exception>
    internal Term Pattern(SchemaPlace place, string keyword, string pattern)
    {
        if (_patterns.TryGetValue(pattern, out Term? known))
            return known;
        try
        {
            return _patterns[pattern] = Terms.Both(Spelling.AnyText, new RegexTerms(Spelling).Anywhere(RegexParser.Parse(pattern)));
        }
        catch (NotSupportedException fault)
        {
            throw new NotSupportedException($"The schema's '{keyword}' at '{place.Pointer}/{keyword}' cannot be enforced. {fault.Message}", fault);
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"The schema's '{keyword}' at '{place.Pointer}/{keyword}' is wrong. {fault.Message}", fault);
        }
    }

    /// <summary>The texts of a format.</summary>
    internal Term? Format(SchemaPlace place, string name)
    {
        if (TextFormats.Pattern(name) is not { } pattern)
        {
            if (TextFormats.IsFree(name))
                return null;
            throw new NotSupportedException($"The schema's 'format' at '{place.Pointer}/format' is '{name}', which cannot be enforced; known: {string.Join(", ", TextFormats.Names)}.");
        }

        string key = $"\u0004{name}";
        if (_patterns.TryGetValue(key, out Term? known))
            return known;
        var regex = new RegexTerms(Spelling);
        return _patterns[key] = Terms.Both(pattern.Select(part => regex.Whole(RegexParser.Parse(part))));
    }

    /// <summary>A count that a keyword says.</summary>
    internal static int Count(SchemaPlace place, string keyword, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            && number >= 0 && number == decimal.Truncate(number))
        {
            return (int)Math.Min(number, Term.Unbounded - 1);
        }

        throw Wrong(place, keyword, value, "a whole number from 0");
    }

    /// <summary>A keyword that does not say what it may.</summary>
    internal static ArgumentException Wrong(SchemaPlace place, string keyword, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        return new($"The schema's '{keyword}' at '{place.Pointer}/{keyword}' is {(text.Length > 60 ? text[..60] + "…" : text)}; expected {expected}.");
    }

    private sealed class Return(SchemaReader reader, HashSet<Formula.Schema> open) : IDisposable
    {
        public void Dispose() => reader._open = open;
    }
}
