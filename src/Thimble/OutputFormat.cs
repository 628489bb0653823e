using System.Text.Json;
using Thimble.Grammar;

namespace Thimble;

/// <summary>What a generated text must look like: tokens that would leave the format are never chosen.</summary>
/// <example><code>
/// OutputFormat format = OutputFormat.JsonSchema("""{"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}""");
/// string json = await model.Generate("How old is the universe?", new() { Format = format }).TextAsync();
/// </code></example>
public sealed record OutputFormat
{
    private readonly FormatKind _kind;
    private readonly string _text;

    private OutputFormat(FormatKind kind, string text) => (_kind, _text) = (kind, text);

    /// <summary>Any JSON object.</summary>
    public static OutputFormat Json { get; } = new(FormatKind.JsonSchema, """{"type":"object"}""");

    /// <summary>A text behind which the format begins, such as <c>&lt;/think&gt;</c>; what stands before is free. Null begins at once.</summary>
    public string? After { get; init; }

    /// <summary>Texts of which any makes the format begin behind it; before the first of them, and without one, the text is free. Empty begins at once.</summary>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>JSON that a schema describes, in draft 7 or 2020-12.</summary>
    /// <param name="schema">The schema, as JSON.</param>
    /// <exception cref="ArgumentException">It is no JSON.</exception>
    /// <remarks>What cannot be enforced is refused when generation starts, by the name of the keyword.</remarks>
    public static OutputFormat JsonSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        try
        {
            using var _ = JsonDocument.Parse(schema, new() { MaxDepth = 256 });
        }
        catch (JsonException fault)
        {
            throw new ArgumentException($"The schema is no JSON: {fault.Message}", nameof(schema), fault);
        }

        return new(FormatKind.JsonSchema, schema);
    }

    /// <summary>JSON that a schema describes, in draft 7 or 2020-12.</summary>
    /// <param name="schema">The schema.</param>
    public static OutputFormat JsonSchema(JsonElement schema) => new(FormatKind.JsonSchema, schema.GetRawText());

    /// <summary>A text that a regular expression matches from beginning to end.</summary>
    /// <param name="pattern">The expression, as ECMAScript writes it.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It uses what no automaton can follow, such as a back reference.</exception>
    public static OutputFormat Regex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        RegexParser.Parse(pattern);
        return new(FormatKind.Regex, pattern);
    }

    /// <summary>One of several texts.</summary>
    /// <param name="texts">The texts, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static OutputFormat Choice(params IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        string[] all = [.. texts];
        return all.Length > 0
            ? new(FormatKind.Choice, string.Join('\0', all.Select(text => text.Replace("\0", "", StringComparison.Ordinal))))
            : throw new ArgumentException("There is no text to choose from; give at least one.", nameof(texts));
    }

    /// <summary>A text that a grammar in llama.cpp's notation (GBNF) describes.</summary>
    /// <param name="gbnf">The grammar; a text must match its rule <c>root</c>.</param>
    /// <exception cref="ArgumentException">It is no grammar; the message names the line.</exception>
    public static OutputFormat Grammar(string gbnf)
    {
        ArgumentNullException.ThrowIfNull(gbnf);
        GbnfParser.Parse(gbnf);
        return new(FormatKind.Grammar, gbnf);
    }

    internal FormatKind Kind => _kind;

    internal string Text => _text;

    /// <summary>Whether control tokens may be asked for by name.</summary>
    internal bool HasControls { get; init; }

    /// <summary>The mark that opens what <see cref="After"/> closes, where a text may begin with it or do without; null where it has begun already.</summary>
    internal string? MayOpen { get; init; }

    /// <summary>The calls of <see cref="FormatKind.Calls"/>.</summary>
    internal CallFormat? Calls { get; private init; }

    /// <summary>Calls of tools, in the form of a line of models.</summary>
    internal static OutputFormat Of(CallFormat calls) => new(FormatKind.Calls, calls.Key) { Calls = calls };

    /// <summary>What makes two formats one, for the store of compiled ones.</summary>
    internal string Key => $"{_kind}\u0001{After}\u0001{string.Join('\u0002', Triggers)}\u0001{HasControls}\u0001{MayOpen}\u0001{_text}";

    /// <inheritdoc />
    public bool Equals(OutputFormat? other) => other is not null && Key == other.Key;

    /// <inheritdoc />
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => $"{_kind}: {_text}";
}
