using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>A parameter's value written bare, as tags hold it: which kind it is, its schema says, and where there is none, its look.</summary>
internal static class ParameterValue
{
    /// <summary>The value as JSON.</summary>
    /// <param name="text">What stands between the tags.</param>
    /// <param name="schema">What the tool takes there; null where nothing is known.</param>
    public static string ToJson(string text, JsonElement? schema)
    {
        bool isTyped = ToolSchemas.IsTyped(schema), takesText = ToolSchemas.Allows(schema, "string");
        if (takesText && !TakesMore(schema))
            return JsonTexts.Quote(text);

        string bare = text.Trim();
        string? json = JsonTexts.Parse(bare) is { } value ? value.GetRawText() : PythonValue.ToJson(bare);
        bool fits = json is not null && (!isTyped || !takesText || Fits(schema, json));
        return fits ? json! : JsonTexts.Quote(text);
    }

    /// <summary>Whether a schema takes something beside texts.</summary>
    public static bool TakesMore(JsonElement? schema) =>
        ToolSchemas.Allows(schema, "number") || ToolSchemas.Allows(schema, "integer") || ToolSchemas.Allows(schema, "boolean")
        || ToolSchemas.Allows(schema, "null") || ToolSchemas.Allows(schema, "object") || ToolSchemas.Allows(schema, "array");

    private static bool Fits(JsonElement? schema, string json) => json[0] switch
    {
        '{' => ToolSchemas.Allows(schema, "object"),
        '[' => ToolSchemas.Allows(schema, "array"),
        't' or 'f' => ToolSchemas.Allows(schema, "boolean"),
        'n' => ToolSchemas.Allows(schema, "null"),
        '"' => false,
        _ => ToolSchemas.Allows(schema, "number") || ToolSchemas.Allows(schema, "integer"),
    };
}
