using System.Runtime.CompilerServices;
using System.Text;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>POST /tokenize</c>, <c>/detokenize</c>, <c>/apply-template</c>: what the model reads.</summary>
internal static class Tokenization
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.Add(new("POST", "/tokenize", OpenAiDialect.Dialect, TokenizeAsync));
        Routes.Add(new("POST", "/detokenize", OpenAiDialect.Dialect, DetokenizeAsync));
        Routes.Add(new("POST", "/apply-template", OpenAiDialect.Dialect, ApplyAsync));
    }

    private static async Task TokenizeAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        Model model = lease.Model;
        int[] tokens = model.Tokenizer.Encode(
            body["content"].Text() ?? "", body["add_special"].Flag() ?? false, body["parse_special"].Flag() ?? true);
        bool pieces = body["with_pieces"].Flag() ?? false;
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tokens");
            foreach (int token in tokens)
            {
                if (!pieces)
                {
                    json.WriteNumberValue(token);
                    continue;
                }

                json.WriteStartObject();
                json.WriteNumber("id", token);
                ReadOnlySpan<byte> piece = model.Tokenizer.Piece(token);
                if (System.Text.Unicode.Utf8.IsValid(piece))
                {
                    json.WriteString("piece", Encoding.UTF8.GetString(piece));
                }
                else
                {
                    json.WriteStartArray("piece");   // a part of a character: its bytes
                    foreach (byte b in piece)
                        json.WriteNumberValue(b);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task DetokenizeAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        int[] tokens = [.. body["tokens"].Items().Select(token => RawPrompt.Id(token, lease.Model))];
        string text = lease.Model.Tokenizer.Decode(tokens, special: true);
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("content", text);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task ApplyAsync(Exchange exchange)
    {
        ChatAsk ask = ChatReading.Read(exchange.Body, exchange);
        using ModelLease lease = await exchange.RentAsync(exchange.Body["model"]).ConfigureAwait(false);
        string prompt = (await Conversation.OfAsync(lease.Model, ask, exchange).ConfigureAwait(false)).Text;
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("prompt", prompt);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
