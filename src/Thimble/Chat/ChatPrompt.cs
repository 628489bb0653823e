using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Thimble.Models.Chat;

namespace Thimble;

/// <summary>From Microsoft.Extensions.AI's messages and options to a prompt and Thimble's own options.</summary>
internal static class ChatPrompt
{
    /// <summary>The conversation as the model wants it written.</summary>
    /// <returns>The prompt, and the text of it.</returns>
    /// <exception cref="NotSupportedException">A message holds something, or the options ask for something, this model cannot take.</exception>
    public static (Prompt Prompt, string Text) Compose(Model model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        List<ChatTurn> turns = options?.Instructions is { Length: > 0 } instructions ? [new("system", instructions)] : [];
        Dictionary<string, string> called = [];   // names of tools, by call
        foreach (ChatMessage message in messages)
            AddTurns(turns, message, called);

        return new PromptComposer(model).Compose(turns, new ChatTemplateOptions
        {
            BeginText = TextOf(model, model.Tokenizer.BeginOfText),
            EndText = TextOf(model, model.Tokenizer.EndOfText),
            Tools = Tools(options),
        });
    }

    /// <summary>The tools on offer, as templates take them.</summary>
    /// <exception cref="NotSupportedException">A tool is no function.</exception>
    public static IReadOnlyList<string> Tools(ChatOptions? options) => [.. (options?.Tools ?? []).Select(Declared)];

    /// <summary>Whether a template wrote the token that begins a text itself, so that it is not added twice.</summary>
    public static bool Begins(Model model, string prompt) =>
        model.Tokenizer.BeginOfText is { } begin && TextOf(model, begin) is { Length: > 0 } text && prompt.StartsWith(text, StringComparison.Ordinal);

    /// <summary>Sampling and limits.</summary>
    public static GenerationOptions Options(ChatOptions? options)
    {
        if (options is null)
            return new() { ParseSpecial = true };
        return new()
        {
            ParseSpecial = true,
            Adapters = ChatAdapters.Of(options),
            MaxTokens = options.MaxOutputTokens,
            Stop = [.. options.StopSequences ?? []],
            Sampling = Sampling(options),
        };
    }

    /// <summary>What is not asked for stays unset, for the model to recommend.</summary>
    private static SamplingOptions Sampling(ChatOptions options)
    {
        SamplingOptions sampling = new()
        {
            FrequencyPenalty = options.FrequencyPenalty ?? 0,
            PresencePenalty = options.PresencePenalty ?? 0,
            Seed = (ulong?)options.Seed,
        };
        if (options.Temperature is { } temperature)
            sampling = sampling with { Temperature = temperature };
        if (options.TopP is { } topP)
            sampling = sampling with { TopP = topP };
        return options.TopK is { } topK ? sampling with { TopK = topK } : sampling;
    }

    private static void AddTurns(List<ChatTurn> turns, ChatMessage message, Dictionary<string, string> called)
    {
        foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
            turns.Add(new("tool", result.Result?.ToString() ?? "") { ToolCallId = result.CallId, Name = called.GetValueOrDefault(result.CallId) });

        List<ChatToolCall> calls = [];
        List<ChatPart> parts = [];
        string? reasoning = null, text = null;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextReasoningContent thought:
                    reasoning += thought.Text;
                    break;
                case TextContent part:
                    text += part.Text;
                    parts.Add(new("text", part.Text));
                    break;
                case DataContent image when image.HasTopLevelMediaType("image"):
                    parts.Add(ChatPart.Image(image.Data));
                    break;
                case FunctionCallContent call:
                    calls.Add(new(call.Name, Arguments(call), call.CallId));
                    called[call.CallId] = call.Name;
                    break;
                case FunctionResultContent or UsageContent:
                    break;
                default:
                    throw new NotSupportedException($"A message holds {content.GetType().Name}; this build takes text, images as data, reasoning, function calls and their results.");
            }
        }

        bool pictured = parts.Exists(part => part.Kind == "image");
        if (pictured || text is not null || calls.Count > 0 || reasoning is not null)
            turns.Add(new(message.Role.Value, text) { Name = message.AuthorName, ToolCalls = calls, Reasoning = reasoning, Parts = pictured ? parts : null });
    }

    private static string Arguments(FunctionCallContent call)
    {
        var json = new JsonObject();
        foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            json[name] = Node(value);
        return json.ToJsonString();
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int whole => JsonValue.Create(whole),
        long whole => JsonValue.Create(whole),
        double number => JsonValue.Create(number),
        float number => JsonValue.Create(number),
        _ => JsonValue.Create(value.ToString()),
    };

    private static string Declared(AITool tool)
    {
        if (tool is not AIFunctionDeclaration function)
            throw new NotSupportedException($"Tool '{tool.Name}' is a {tool.GetType().Name}; this build takes functions.");

        return new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = function.Name,
                ["description"] = function.Description,
                ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
            },
        }.ToJsonString();
    }

    /// <summary>A special token as text; empty for none.</summary>
    public static string TextOf(Model model, int? token) => token is { } id ? model.Tokenizer.Decode([id], special: true) : "";
}
