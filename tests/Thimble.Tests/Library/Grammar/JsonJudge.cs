using System.Text.Json;
using System.Text.RegularExpressions;

namespace Thimble.Tests.Library.Grammar;

/// <summary>A small validator of JSON Schema, written apart from the compiler: plain recursion over keywords.</summary>
internal static class JsonJudge
{
    /// <summary>Whether a value meets a schema.</summary>
    public static bool IsValid(JsonElement root, JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return schema.ValueKind == JsonValueKind.True;
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Meets(root, schema, keyword, value))
                return false;
        }

        return true;
    }

    private static bool Meets(JsonElement root, JsonElement schema, JsonProperty keyword, JsonElement value)
    {
        JsonElement says = keyword.Value;
        bool isText = value.ValueKind == JsonValueKind.String, isNumber = value.ValueKind == JsonValueKind.Number;
        bool isObject = value.ValueKind == JsonValueKind.Object, isList = value.ValueKind == JsonValueKind.Array;
        return keyword.Name switch
        {
            "$ref" => IsValid(root, root.GetProperty("$defs").GetProperty(says.GetString()!["#/$defs/".Length..]), value),
            "type" => says.ValueKind == JsonValueKind.Array ? says.EnumerateArray().Any(type => Is(value, type.GetString()!)) : Is(value, says.GetString()!),
            "enum" => says.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
            "const" => JsonElement.DeepEquals(says, value),
            "allOf" => says.EnumerateArray().All(one => IsValid(root, one, value)),
            "anyOf" => says.EnumerateArray().Any(one => IsValid(root, one, value)),
            "oneOf" => says.EnumerateArray().Count(one => IsValid(root, one, value)) == 1,
            "not" => !IsValid(root, says, value),
            "if" => !schema.TryGetProperty(IsValid(root, says, value) ? "then" : "else", out JsonElement then) || IsValid(root, then, value),
            "minLength" => !isText || value.GetString()!.EnumerateRunes().Count() >= says.GetInt32(),
            "maxLength" => !isText || value.GetString()!.EnumerateRunes().Count() <= says.GetInt32(),
            "pattern" => !isText || Regex.IsMatch(value.GetString()!, says.GetString()!, RegexOptions.CultureInvariant),
            "minimum" => !isNumber || value.GetDecimal() >= says.GetDecimal(),
            "exclusiveMaximum" => !isNumber || value.GetDecimal() < says.GetDecimal(),
            "multipleOf" => !isNumber || value.GetDecimal() % says.GetDecimal() == 0,
            "minItems" => !isList || value.GetArrayLength() >= says.GetInt32(),
            "maxItems" => !isList || value.GetArrayLength() <= says.GetInt32(),
            "uniqueItems" => !isList || !value.EnumerateArray().Index().Any(x => value.EnumerateArray().Take(x.Index).Any(y => JsonElement.DeepEquals(x.Item, y))),
            "prefixItems" => !isList || value.EnumerateArray().Zip(says.EnumerateArray()).All(pair => IsValid(root, pair.Second, pair.First)),
            "items" => !isList || value.EnumerateArray().Skip(schema.TryGetProperty("prefixItems", out JsonElement front) ? front.GetArrayLength() : 0).All(item => IsValid(root, says, item)),
            "contains" => !isList || value.EnumerateArray().Any(item => IsValid(root, says, item)),
            "required" => !isObject || says.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "minProperties" => !isObject || value.EnumerateObject().Select(member => member.Name).Distinct().Count() >= says.GetInt32(),
            "maxProperties" => !isObject || value.EnumerateObject().Count() <= says.GetInt32(),
            "properties" => !isObject || value.EnumerateObject().All(member => !says.TryGetProperty(member.Name, out JsonElement one) || IsValid(root, one, member.Value)),
            "patternProperties" => !isObject || value.EnumerateObject().All(member => says.EnumerateObject().All(one => !Regex.IsMatch(member.Name, one.Name) || IsValid(root, one.Value, member.Value))),
            "additionalProperties" => !isObject || value.EnumerateObject().All(member => IsNamed(schema, member.Name) || IsValid(root, says, member.Value)),
            "propertyNames" => !isObject || value.EnumerateObject().All(member => IsValid(root, says, JsonSerializer.SerializeToElement(member.Name))),
            "dependentRequired" => !isObject || says.EnumerateObject().All(one => !value.TryGetProperty(one.Name, out _) || one.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))),
            _ => true,
        };
    }

    private static bool IsNamed(JsonElement schema, string name) =>
        (schema.TryGetProperty("properties", out JsonElement named) && named.TryGetProperty(name, out _))
        || (schema.TryGetProperty("patternProperties", out JsonElement patterns) && patterns.EnumerateObject().Any(one => Regex.IsMatch(name, one.Name)));

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && (value.GetRawText().All(c => char.IsAsciiDigit(c) || c == '-') || (value.TryGetDecimal(out decimal number) && number % 1 == 0)),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };
}
