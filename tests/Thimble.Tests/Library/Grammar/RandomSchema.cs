using System.Text.Json.Nodes;

namespace Thimble.Tests.Library.Grammar;

/// <summary>Schemas made at random, of all keywords that can be enforced.</summary>
internal sealed class RandomSchema(Random random)
{
    private static readonly string[] s_names = ["id", "name", "na", "x1", "tags", "é"];
    private static readonly string[] s_patterns = ["^[a-c]{1,3}$", "b", "^x", "^(red|green)$", "[0-9]$"];

    /// <summary>A schema.</summary>
    public JsonObject Whole()
    {
        JsonObject schema = Make(3);
        schema["$defs"] = new JsonObject { ["leaf"] = Make(0), ["node"] = Node(), ["tree"] = Tree() };
        return schema;
    }

    private static JsonObject Node() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["id"] = new JsonObject { ["type"] = "integer" }, ["next"] = new JsonObject { ["anyOf"] = new JsonArray { new JsonObject { ["type"] = "null" }, new JsonObject { ["$ref"] = "#/$defs/node" } } } },
        ["required"] = new JsonArray { "id", "next" },
        ["additionalProperties"] = false,
    };

    private static JsonObject Tree() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["v"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[a-z]+$", ["minLength"] = 2, ["maxLength"] = 5 },
            ["kids"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = "#/$defs/tree" }, ["maxItems"] = 2 },
        },
        ["required"] = new JsonArray { "v", "kids" },
        ["additionalProperties"] = false,
    };

    private JsonObject Make(int depth) => random.Next(depth > 0 ? 17 : 8) switch
    {
        0 => new() { ["type"] = "string" },
        1 => new() { ["type"] = "string", ["minLength"] = random.Next(3), ["maxLength"] = 3 + random.Next(6) },
        2 => new() { ["type"] = "string", ["pattern"] = Pick(s_patterns), ["maxLength"] = 8 },
        3 => new() { ["type"] = random.Next(2) == 0 ? "integer" : "number", ["minimum"] = random.Next(-30, 10), ["exclusiveMaximum"] = 15.5 + random.Next(200) },
        4 => new() { ["type"] = "integer", ["multipleOf"] = 1 + random.Next(9), ["minimum"] = 0, ["exclusiveMaximum"] = 1000 },
        5 => new() { ["enum"] = new JsonArray { "a", "ab", 12, null, true, new JsonArray { 1, "b" } } },
        6 => new() { ["type"] = new JsonArray { "boolean", "null" } },
        7 => new() { ["$ref"] = "#/$defs/tree" },
        14 => new() { ["type"] = "array", ["prefixItems"] = new JsonArray { Make(depth - 1), Make(0) }, ["items"] = Make(0), ["minItems"] = 1, ["maxItems"] = 3 },
        15 => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = new JsonArray { "integer", "boolean" } }, ["contains"] = new JsonObject { ["const"] = true }, ["maxItems"] = 4 },
        16 => new() { ["type"] = "string", ["minLength"] = 3, ["maxLength"] = 12, ["pattern"] = "^(ab|[0-9é])+$" },
        13 => new() { ["type"] = "array", ["items"] = Make(depth - 1), ["minItems"] = random.Next(3), ["maxItems"] = 2 + random.Next(3) },
        8 => new() { ["type"] = "array", ["items"] = new JsonObject { ["enum"] = new JsonArray { "p", "pq", 1, 10 } }, ["uniqueItems"] = true, ["minItems"] = random.Next(4) },
        9 => new() { ["anyOf"] = new JsonArray { Make(depth - 1), Make(depth - 1) } },
        10 => new() { ["oneOf"] = new JsonArray { Object(depth), Make(0) } },
        11 => new() { ["allOf"] = new JsonArray { Object(depth), Object(depth) }, ["not"] = new JsonObject { ["required"] = new JsonArray { Pick(s_names), Pick(s_names) } } },
        12 => new() { ["$ref"] = random.Next(2) == 0 ? "#/$defs/leaf" : "#/$defs/node" },
        _ => Object(depth),
    };

    private JsonObject Object(int depth)
    {
        var members = new JsonObject();
        for (int i = random.Next(4); i > 0; i--)
            members[Pick(s_names)] = Make(depth - 1);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = members };
        if (members.Count > 0 && random.Next(2) == 0)
            schema["required"] = new JsonArray { members.First().Key };
        if (random.Next(3) > 0)
            schema["additionalProperties"] = random.Next(2) == 0 ? false : Make(0);
        if (random.Next(4) == 0)
            schema["patternProperties"] = new JsonObject { ["^x"] = Make(0) };
        if (random.Next(4) == 0)
            schema["propertyNames"] = new JsonObject { ["maxLength"] = 4 };
        if (random.Next(4) == 0)
            schema["maxProperties"] = 2 + random.Next(2);
        if (random.Next(5) == 0)
            schema["dependentRequired"] = new JsonObject { ["id"] = new JsonArray { "name" } };
        if (random.Next(6) == 0)
            (schema["if"], schema["then"]) = (new JsonObject { ["required"] = new JsonArray { "na" } }, new JsonObject { ["required"] = new JsonArray { "id" } });
        return schema;
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
