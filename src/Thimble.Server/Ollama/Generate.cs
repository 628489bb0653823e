using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>POST /api/generate</c>: one prompt, one answer; or, raw, a text that is continued; or, with a suffix, what stands before it.</summary>
internal static class Generate
{
    private const int LongestContext = 1 << 20;

    [ModuleInitializer]
    internal static void Register() => Routes.AddPost("/api/generate", OllamaDialect.Dialect, AnswerAsync);

    private static async Task AnswerAsync(Exchange exchange)
    {
        long start = exchange.Serving.Time.GetTimestamp();
        Field body = exchange.Body;
        Refuse(body["template"], "give the whole prompt with 'raw', or make a model with that template");
        string prompt = body["prompt"].Text() ?? "";
        await using var lines = new LineStream(exchange);
        if (prompt.Length == 0)
        {
            await ReplyWriting.LoadAsync(exchange, lines, isChat: false).ConfigureAwait(false);
            return;
        }

        using ModelLease lease = await Asked.RentAsync(exchange).ConfigureAwait(false);
        IReadOnlyList<ChatPart>? parts = Asked.Parts(body["images"], prompt);
        var writing = new ReplyWriting(exchange, lease, start, isChat: false);
        GenerationOptions options = Asked.Options(exchange, lease);
        bool raw = body["raw"].Flag() ?? false;
        if (body["suffix"].Text() is { Length: > 0 } suffix)
        {
            int[] around = Infill.Whole(lease.Model, prompt, suffix, exchange.Serving.Options, "prompt");
            await writing.ContinueAsync(around, options, tellsContext: false, lines).ConfigureAwait(false);
            return;
        }

        int[] before = [.. body["context"].Items(LongestContext).Select(token => Token(token, lease.Model))];
        if (parts is null && (raw || before.Length > 0 || lease.Model.ChatTemplate is null))
        {
            bool plain = raw || lease.Model.ChatTemplate is null;
            string text = plain ? prompt : Conversation.Render(lease.Model, Ask(body, lease, prompt, null, options)).Text;
            int[] tokens = [.. before, .. lease.Model.Tokenizer.Encode(text, addSpecial: before.Length == 0, parseSpecial: raw || !plain)];
            await writing.ContinueAsync(tokens, options, tellsContext: !raw, lines).ConfigureAwait(false);
            return;
        }

        if (parts is not null && (raw || before.Length > 0))
            throw Rejection.Of("images", "'images' stand in a conversation; leave out 'raw' and 'context'.");
        await writing.AnswerAsync(Ask(body, lease, prompt, parts, options), lines).ConfigureAwait(false);
    }

    private static ChatAsk Ask(Field body, ModelLease lease, string prompt, IReadOnlyList<ChatPart>? parts, GenerationOptions options)
    {
        (bool? thinks, IReadOnlyDictionary<string, string> variables) = Asked.Thinking(body["think"]);
        string? system = body["system"].Text() ?? lease.System;
        ChatTurn asked = new("user", prompt) { Parts = parts };
        ChatTurn[] turns = system is { Length: > 0 } ? [new("system", system), asked] : [asked];
        return new() { Turns = turns, Thinking = thinks, Variables = variables, Options = options };
    }

    private static int Token(Field field, Model model) => field.Count(0) is { } token && token < model.VocabularySize
        ? token
        : throw field.Wrong($"a token's id below {model.VocabularySize}");

    private static void Refuse(Field field, string instead)
    {
        if (field is { IsText: true } && field.Text() is { Length: > 0 })
            throw Rejection.Of(field.Path, $"'{field.Path}' is not taken here; {instead}.");
    }
}
