using Thimble.Models.Chat;

namespace Thimble.Lab.Training;

/// <summary>A conversation to learn from.</summary>
/// <param name="Turns">Its messages.</param>
internal sealed record Dialogue(List<ChatTurn> Turns)
{
    /// <summary>The tools on offer, each a JSON object in OpenAI's shape.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>A tool on offer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">Its parameters, with what each means.</param>
    /// <param name="required">Those that a call must give.</param>
    public static string Tool(string name, IEnumerable<(string Name, string Meaning)> parameters, IEnumerable<string> required)
    {
        var properties = new System.Text.Json.Nodes.JsonObject();
        foreach ((string parameter, string meaning) in parameters)
            properties[parameter] = new System.Text.Json.Nodes.JsonObject { ["type"] = "string", ["description"] = meaning };
        var function = new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = name,
            ["parameters"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new System.Text.Json.Nodes.JsonArray([.. required.Select(text => (System.Text.Json.Nodes.JsonNode)text)]) },
        };
        return new System.Text.Json.Nodes.JsonObject { ["type"] = "function", ["function"] = function }.ToJsonString();
    }
}
