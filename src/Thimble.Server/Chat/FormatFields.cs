using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>Reads what an answer must look like: OpenAI's <c>response_format</c>, llama-server's <c>grammar</c> and <c>json_schema</c>.</summary>
internal static class FormatFields
{
    private const int LongestSchema = 1 << 20, MostChoices = 4096;

    /// <summary>Reads it; null for any text.</summary>
    /// <param name="body">The request.</param>
    /// <exception cref="Rejection">It is wrong, or asks for what cannot be enforced.</exception>
    public static OutputFormat? Read(Field body)
    {
        Field format = body["response_format"];
        OutputFormat? asked = format["type"].Word("text", "json_object", "json_schema", "grammar", "regex", "choice") switch
        {
            "json_object" => format["schema"] is { IsGiven: true } inside ? Schema(inside) : OutputFormat.Json,
            // OpenAI's place for the schema, or llama-server's.
            "json_schema" => Schema(format["json_schema"] is { IsGiven: true } named ? named["schema"] : format["schema"]),
            "grammar" => Of(format["grammar"], OutputFormat.Grammar),
            "regex" => Of(format["pattern"], OutputFormat.Regex),
            "choice" => Choice(format["choices"]),
            _ => null,
        };
        if (body["grammar"] is { IsGiven: true } grammar && grammar.NeededText().Length > 0)
            asked = asked is null ? Of(grammar, OutputFormat.Grammar) : throw Rejection.Of("grammar", "'grammar' and 'response_format' both say what the answer must look like; give one.");
        if (body["json_schema"] is { IsGiven: true } schema)
            asked = asked is null ? Schema(schema) : throw Rejection.Of("json_schema", "'json_schema' stands beside another format; give one.");
        return asked;
    }

    /// <summary>A format of JSON by its schema.</summary>
    /// <exception cref="Rejection">It is no schema.</exception>
    public static OutputFormat Schema(Field schema)
    {
        if (schema is { IsObject: false, IsFlag: false })
            throw schema.Wrong("an object, a JSON schema");
        return Of(schema, OutputFormat.JsonSchema, schema.Json.GetRawText());
    }

    /// <summary>What a client is told where a format turns out to be impossible only when it is compiled.</summary>
    /// <returns>The rejection; null where the fault is not the format's.</returns>
    public static Rejection? Refused(GenerationOptions options, Exception fault) =>
        options.Format is not null && fault is ArgumentException or NotSupportedException or CapacityException
            ? new(400, Rejection.Invalid, Rejection.Line(fault)) { Field = "response_format", Code = "format_unsupported" }
            : null;

    private static OutputFormat Choice(Field choices) => choices.Texts(MostChoices) is { Count: > 0 } texts && texts.Sum(text => text.Length) <= LongestSchema
        ? OutputFormat.Choice(texts)
        : throw Rejection.Of(choices.Path, $"'{choices.Path}' needs at least one text, and at most {LongestSchema} characters of them.");

    private static OutputFormat Of(Field field, Func<string, OutputFormat> make) => Of(field, make, field.NeededText());

    private static OutputFormat Of(Field field, Func<string, OutputFormat> make, string text)
    {
        if (text.Length > LongestSchema)
            throw Rejection.Of(field.Path, $"'{field.Path}' has {text.Length} characters; expected at most {LongestSchema}.");
        try
        {
            return make(text);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw Rejection.Of(field.Path, $"'{field.Path}': {Rejection.Line(fault)}");
        }
    }
}
