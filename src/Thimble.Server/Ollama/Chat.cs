using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Ollama;

/// <summary><c>POST /api/chat</c>.</summary>
internal static class Chat
{
    private const int MostMessages = 16384;

    [ModuleInitializer]
    internal static void Register() => Routes.AddPost("/api/chat", OllamaDialect.Dialect, AnswerAsync);

    private static async Task AnswerAsync(Exchange exchange)
    {
        long start = exchange.Serving.Time.GetTimestamp();
        Field body = exchange.Body;
        IReadOnlyList<Field> messages = body["messages"].Items(MostMessages);
        await using var lines = new LineStream(exchange);
        if (messages.Count == 0)
        {
            await ReplyWriting.LoadAsync(exchange, lines, isChat: true).ConfigureAwait(false);
            return;
        }

        using ModelLease lease = await Asked.RentAsync(exchange).ConfigureAwait(false);
        var writing = new ReplyWriting(exchange, lease, start, isChat: true);
        List<ChatTurn> turns = Turns(messages);
        if (lease.System is { } system && turns[0].Role != "system")
            turns.Insert(0, new("system", system));
        (bool? thinks, IReadOnlyDictionary<string, string> variables) = Asked.Thinking(body["think"]);
        ChatAsk ask = new()
        {
            Turns = turns,
            Tools = ChatReading.Tools(body["tools"]),
            Thinking = thinks,
            Variables = variables,
            Truncates = body["truncate"].Flag() ?? false,
            Options = Asked.Options(exchange, lease),
        };
        await writing.AnswerAsync(ask, lines).ConfigureAwait(false);
    }

    private static List<ChatTurn> Turns(IReadOnlyList<Field> messages)
    {
        List<ChatTurn> turns = [];
        foreach (Field message in messages)
        {
            string? text = message["content"].Text();
            turns.Add(new(message["role"].NeededText(), text)
            {
                Parts = Asked.Parts(message["images"], text),
                Reasoning = message["thinking"].Text(),
                ToolCalls = [.. message["tool_calls"].Items().Select(Call)],
                ToolCallId = message["tool_call_id"].Text(),
                Name = message.First("tool_name", "name").Text(),
            });
        }

        return turns;
    }

    private static ChatToolCall Call(Field call)
    {
        Field function = call["function"], arguments = function["arguments"];
        return new(function["name"].NeededText(), !arguments.IsGiven ? "{}" : arguments.IsObject ? arguments.Json.GetRawText() : throw arguments.Wrong("an object"), call["id"].Text());
    }
}
