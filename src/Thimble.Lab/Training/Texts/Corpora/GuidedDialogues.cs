using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Lab.Training;

/// <summary>The Schema-Guided Dialogue set: people and an assistant that calls services. One dialogue on each line, beside the schemas of
/// its services.</summary>
/// <remarks>Of a call's results the first is kept. Source: Rastogi et al., "Towards Scalable Multi-domain Conversational Agents", 2020.</remarks>
internal static class GuidedDialogues
{
    /// <summary>Reads <c>sgd_NAME.jsonl.gz</c>, and <c>schema_NAME.json</c> beside it.</summary>
    /// <param name="path">The dialogues.</param>
    /// <param name="broken">Receives lines that could not be read.</param>
    public static IEnumerable<Dialogue> Read(string path, List<string> broken)
    {
        Dictionary<string, Dictionary<string, string>> services = Schemas(path);
        foreach ((int number, string line) in TextLines.Of(path))
        {
            Dialogue? dialogue = null;
            try
            {
                using var document = JsonDocument.Parse(line);
                dialogue = Of(document.RootElement, services);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                broken.Add($"{Path.GetFileName(path)}:{number}: {e.Message}");
            }

            if (dialogue is not null)
                yield return dialogue;
        }
    }

    private static Dialogue Of(JsonElement line, Dictionary<string, Dictionary<string, string>> services)
    {
        List<ChatTurn> turns = [];
        HashSet<(string Service, string Method)> methods = [];
        foreach (JsonElement turn in line.GetProperty("turns").EnumerateArray())
        {
            bool asks = turn.GetProperty("speaker").GetString() == "USER";
            if (turn.TryGetProperty("service_calls", out JsonElement calls))
            {
                foreach (JsonElement call in calls.EnumerateArray())
                {
                    string method = call.GetProperty("method").GetString()!;
                    methods.Add((call.GetProperty("service").GetString()!, method));
                    turns.Add(new ChatTurn("assistant") { ToolCalls = [new(method, call.GetProperty("parameters").GetRawText())] });
                    string result = call.TryGetProperty("results", out JsonElement results) && results.GetArrayLength() > 0 ? results[0].GetRawText() : "{}";
                    turns.Add(new ChatTurn("tool", result) { Name = method });
                }
            }

            turns.Add(new ChatTurn(asks ? "user" : "assistant", turn.GetProperty("utterance").GetString()));
        }

        return new Dialogue(turns) { Tools = [.. methods.Select(method => services[method.Service][method.Method])] };
    }

    /// <summary>The methods of each service as tools.</summary>
    private static Dictionary<string, Dictionary<string, string>> Schemas(string path)
    {
        string name = Path.GetFileName(path).Split('.')[0].Replace("sgd_", "schema_", StringComparison.Ordinal) + ".json";
        using var document = JsonDocument.Parse(TextLines.All(Path.Combine(Path.GetDirectoryName(path)!, name)));
        return document.RootElement.EnumerateArray().ToDictionary(
            service => service.GetProperty("service_name").GetString()!,
            service =>
            {
                var meanings = service.GetProperty("slots").EnumerateArray().ToDictionary(slot => slot.GetProperty("name").GetString()!, slot => slot.GetProperty("description").GetString()!);
                return service.GetProperty("intents").EnumerateArray().ToDictionary(intent => intent.GetProperty("name").GetString()!, intent => Tool(intent, meanings));
            });
    }

    private static string Tool(JsonElement intent, Dictionary<string, string> meanings)
    {
        string[] required = [.. intent.GetProperty("required_slots").EnumerateArray().Select(slot => slot.GetString()!)];
        string[] all = [.. required, .. intent.GetProperty("optional_slots").EnumerateObject().Select(slot => slot.Name)];
        return Dialogue.Tool(intent.GetProperty("name").GetString()!, all.Select(slot => (slot, meanings.GetValueOrDefault(slot, ""))), required);
    }
}
