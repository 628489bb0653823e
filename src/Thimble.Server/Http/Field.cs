using System.Globalization;
using System.Text.Json;

namespace Thimble.Server.Http;

/// <summary>A value in a request's JSON, and the path to it, so that a wrong one can be named. What is null counts as not given.</summary>
/// <param name="Json">The value; undefined where it is not given.</param>
/// <param name="Path">Where it stands: <c>messages[2].content</c>; empty for the whole body.</param>
internal readonly record struct Field(JsonElement Json, string Path)
{
    /// <summary>Whether there is a value.</summary>
    public bool IsGiven => Json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public bool IsText => Json.ValueKind == JsonValueKind.String;

    public bool IsNumber => Json.ValueKind == JsonValueKind.Number;

    public bool IsList => Json.ValueKind == JsonValueKind.Array;

    public bool IsObject => Json.ValueKind == JsonValueKind.Object;

    public bool IsFlag => Json.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>A member; not given where this object lacks it, or is itself not given.</summary>
    /// <exception cref="Rejection">This is no object.</exception>
    public Field this[string name]
    {
        get
        {
            string path = Path.Length == 0 ? name : $"{Path}.{name}";
            if (!IsGiven)
                return new(default, path);
            if (!IsObject)
                throw Wrong("an object");
            return new(Json.TryGetProperty(name, out JsonElement value) ? value : default, path);
        }
    }

    /// <summary>The first of some members that is given: an API's name for a thing, and its older ones.</summary>
    public Field First(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (this[name] is { IsGiven: true } field)
                return field;
        }

        return this[names[0]];
    }

    /// <summary>The values of a list; none where it is not given.</summary>
    /// <exception cref="Rejection">This is no list, or is longer than allowed.</exception>
    public IReadOnlyList<Field> Items(int most = int.MaxValue)
    {
        if (!IsGiven)
            return [];
        if (!IsList)
            throw Wrong("a list");
        int count = Json.GetArrayLength();
        if (count > most)
            throw Rejection.Of(Path, $"'{Path}' has {count} values; expected at most {most}.");
        var items = new Field[count];
        int i = 0;
        foreach (JsonElement item in Json.EnumerateArray())
            items[i] = new(item, $"{Path}[{i++}]");
        return items;
    }

    /// <summary>The members of an object; none where it is not given.</summary>
    /// <exception cref="Rejection">This is no object.</exception>
    public IReadOnlyList<(string Name, Field Value)> Members()
    {
        if (!IsGiven)
            return [];
        if (!IsObject)
            throw Wrong("an object");
        string path = Path;
        return [.. Json.EnumerateObject().Select(member => (member.Name, new Field(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")))];
    }

    /// <summary>The text; null where it is not given.</summary>
    /// <exception cref="Rejection">This is no text, or one with half a surrogate pair.</exception>
    public string? Text()
    {
        if (!IsGiven)
            return null;
        if (!IsText)
            throw Wrong("a text");
        try
        {
            return Json.GetString();
        }
        catch (InvalidOperationException)
        {
            throw Rejection.Of(Path, $"'{Path}' holds half of a surrogate pair; expected Unicode text.");
        }
    }

    /// <summary>The text.</summary>
    /// <exception cref="Rejection">It is not given, or no text.</exception>
    public string NeededText() => Text() ?? throw Missing("a text");

    /// <summary>One of a few words; null where it is not given.</summary>
    /// <exception cref="Rejection">It is none of them.</exception>
    public string? Word(params ReadOnlySpan<string> known)
    {
        if (Text() is not { } text)
            return null;
        return known.Contains(text) ? text : throw Rejection.Of(Path, $"'{Path}' is '{Short(text)}'; expected one of: {string.Join(", ", known.ToArray())}.");
    }

    /// <summary>The number; null where it is not given.</summary>
    /// <exception cref="Rejection">It is no number, or out of range.</exception>
    public double? Number(double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        if (!IsGiven)
            return null;
        if (!IsNumber || !Json.TryGetDouble(out double number) || !double.IsFinite(number))
            throw Wrong("a number");
        return number >= least && number <= most ? number : throw Outside(number.ToString(CultureInfo.InvariantCulture), least, most);
    }

    /// <summary>The whole number; null where it is not given.</summary>
    /// <exception cref="Rejection">It is no whole number, or out of range.</exception>
    public long? Whole(long least = long.MinValue, long most = long.MaxValue)
    {
        if (!IsGiven)
            return null;
        if (!IsNumber || !(Json.TryGetInt64(out long number) || IsWhole(out number)))
            throw Wrong("a whole number");
        return number >= least && number <= most ? number : throw Outside(number.ToString(CultureInfo.InvariantCulture), least, most);
    }

    /// <summary>A count that fits an <see cref="int"/>; null where it is not given.</summary>
    /// <exception cref="Rejection">It is no whole number, or out of range.</exception>
    public int? Count(int least = 0, int most = int.MaxValue) => (int?)Whole(least, most);

    /// <summary>The truth value; null where it is not given.</summary>
    /// <exception cref="Rejection">It is neither true nor false.</exception>
    public bool? Flag() => !IsGiven ? null : IsFlag ? Json.GetBoolean() : throw Wrong("true or false");

    /// <summary>A text, or a list of texts; none where it is not given.</summary>
    /// <exception cref="Rejection">It is something else.</exception>
    public IReadOnlyList<string> Texts(int most = int.MaxValue) => IsText ? [NeededText()] : [.. Items(most).Select(item => item.NeededText())];

    /// <summary>This value is of another kind than expected.</summary>
    public Rejection Wrong(string expected) => IsGiven
        ? Rejection.Of(Path, $"'{(Path.Length == 0 ? "the body" : Path)}' is {Kind}; expected {expected}.")
        : Missing(expected);

    /// <summary>This value is needed and not given.</summary>
    public Rejection Missing(string expected) => new(400, Rejection.Invalid, $"'{Path}' is missing; expected {expected}.") { Field = Path, Code = "missing_required_parameter" };

    private Rejection Outside(string number, double least, double most) => Rejection.Of(Path, string.Create(CultureInfo.InvariantCulture,
        $"'{Path}' is {number}; expected {(most >= int.MaxValue ? $"{least} or more" : least <= int.MinValue ? $"{most} or less" : $"{least} to {most}")}."));

    private bool IsWhole(out long number)
    {
        // 100.0 is a whole number to JavaScript, and to JSON Schema.
        bool whole = Json.TryGetDouble(out double value) && value == Math.Floor(value) && Math.Abs(value) < 1L << 53;
        number = whole ? (long)value : 0;
        return whole;
    }

    private string Kind => Json.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {Short(Json.GetRawText())}",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
