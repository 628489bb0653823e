using System.Text.Json;
using Microsoft.Extensions.AI;
using Thimble.Models.Chat;

namespace Thimble;

/// <summary>From the parts of a reply to the contents of Microsoft.Extensions.AI.</summary>
/// <param name="priorCalls">Calls in the conversation so far: ids that the model leaves out count on from there, so that none comes twice.</param>
internal sealed class ReplyUpdates(int priorCalls)
{
    private int _calls;

    /// <summary>Whether the reply calls a tool.</summary>
    public bool HasCalls => _calls > 0;

    /// <summary>The calls in a conversation.</summary>
    public static int CallsIn(IEnumerable<ChatMessage> messages) =>
        messages.Sum(message => message.Contents.OfType<FunctionCallContent>().Count());

    /// <summary>A part as content.</summary>
    public AIContent Content(ReplyPart part) => part switch
    {
        { Call: { } call } => Call(call),
        { Kind: ReplyPartKind.Reasoning } => new TextReasoningContent(part.Text),
        _ => new TextContent(part.Text),
    };

    /// <summary>Why a reply ended: for its calls, unless it was cut short.</summary>
    public ChatFinishReason Finish(FinishReason reason) => reason switch
    {
        FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.Deadline => ChatFinishReason.Length,
        _ => HasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
    };

    private FunctionCallContent Call(ChatToolCall call)
    {
        _calls++;
        using var json = JsonDocument.Parse(call.Arguments, new() { MaxDepth = 256 });
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal);
        foreach (JsonProperty argument in json.RootElement.EnumerateObject())
            arguments[argument.Name] = argument.Value.Clone();
        // Nine letters and digits: the one form of id that every template takes.
        return new(call.Id ?? $"call{priorCalls + _calls:D5}", call.Name, arguments);
    }
}
