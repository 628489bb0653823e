using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Lab.Training;

/// <summary>Taskmaster-4: orders at a coffee shop, with the calls that take them. One JSON list of dialogues.</summary>
/// <remarks>Source: Byrne and Ganesh, "Taskmaster-4", 2024, with "PERL: Parameter Efficient Reinforcement Learning from Human Feedback".</remarks>
internal static class OrderDialogues
{
    /// <summary>Reads <c>data_NN.json.gz</c>.</summary>
    /// <param name="path">The dialogues.</param>
    /// <param name="broken">Receives those that could not be read.</param>
    /// <exception cref="InvalidDataException">The file is no JSON list.</exception>
    public static IEnumerable<Dialogue> Read(string path, List<string> broken)
    {
        using JsonDocument document = Parse(path);
        foreach ((int number, JsonElement conversation) in document.RootElement.EnumerateArray().Index())
        {
            Dialogue? dialogue = null;
            try
            {
                dialogue = Of(conversation);
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or JsonException)
            {
                broken.Add($"{Path.GetFileName(path)}:{number + 1}: {e.Message}");
            }

            if (dialogue is not null)
                yield return dialogue;
        }
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(TextLines.All(path));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no JSON list of dialogues: {e.Message}", e);
        }
    }

    private static Dialogue Of(JsonElement conversation)
    {
        List<ChatTurn> turns = [];
        Dictionary<string, SortedSet<string>> tools = new(StringComparer.Ordinal);
        foreach (JsonElement utterance in conversation.GetProperty("utterances").EnumerateArray())
        {
            bool asks = utterance.GetProperty("speaker").GetString() == "user";
            List<ChatTurn> calls = Calls(utterance, tools);
            if (!asks)
                turns.AddRange(calls);
            turns.Add(new ChatTurn(asks ? "user" : "assistant", utterance.GetProperty("text").GetString()));
            if (asks)
                turns.AddRange(calls);   // what was said is ordered at once
        }

        return new Dialogue(turns) { Tools = [.. tools.Select(tool => Dialogue.Tool(tool.Key, tool.Value.Select(name => (name, "")), []))] };
    }

    /// <summary>An utterance's calls and what came of them: its annotations name call, request and response in turn.</summary>
    private static List<ChatTurn> Calls(JsonElement utterance, Dictionary<string, SortedSet<string>> tools)
    {
        List<ChatTurn> turns = [];
        string name = "";
        if (!utterance.TryGetProperty("annotations", out JsonElement annotations) || annotations.ValueKind != JsonValueKind.Array)
            return turns;
        foreach (JsonElement annotation in annotations.EnumerateArray())
        {
            string value = annotation.GetProperty("value").GetString() ?? "";
            switch (annotation.GetProperty("name").GetString())
            {
                case "api_call":
                    name = value;
                    break;
                case "request":
                    using (var request = JsonDocument.Parse(value))
                    {
                        if (!tools.TryGetValue(name, out SortedSet<string>? parameters))
                            tools.Add(name, parameters = new(StringComparer.Ordinal));
                        parameters.UnionWith(request.RootElement.EnumerateObject().Select(field => field.Name));
                    }

                    turns.Add(new ChatTurn("assistant") { ToolCalls = [new(name, value)] });
                    break;
                case "response":
                    turns.Add(new ChatTurn("tool", value) { Name = name });
                    break;
            }
        }

        return turns;
    }
}
