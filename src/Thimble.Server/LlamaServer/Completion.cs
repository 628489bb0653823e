using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>POST /completion</c> and <c>/infill</c>: llama-server's own way to ask.</summary>
internal static class Completion
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/completion", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Read));
        Routes.AddPost("/completions", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Read));
        Routes.AddPost("/infill", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Between));
    }

    private static Prompt Read(Exchange exchange, ModelLease lease) => RawPrompt.ReadSeeing(exchange.Body["prompt"], lease.Model, exchange);

    private static Prompt Between(Exchange exchange, ModelLease lease)
    {
        Field body = exchange.Body;
        (string, string)[] extra = [.. body["input_extra"].Items(256).Select(file => (file["filename"].Text() ?? "tmp", file["text"].NeededText()))];
        int room = Math.Min(lease.Model.ContextLength - 1, exchange.Serving.Options.MaxPromptTokens ?? int.MaxValue);
        return new(Infill.Tokens(
            lease.Model, body["input_prefix"].NeededText() + body["prompt"].Text(), body["input_suffix"].NeededText(), extra, Math.Max(8, room * 3 / 4)));
    }

    private static async Task AnswerAsync(Exchange exchange, Func<Exchange, ModelLease, Prompt> read)
    {
        Field body = exchange.Body;
        GenerationOptions options = ChatReading.Options(body, exchange) with { ParseSpecial = true, TopLogProbabilities = body["n_probs"].Count(0, 20) is > 0 and var top ? top : null };
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        options = options with { Adapters = exchange.Serving.Adapters.For(lease, body) };
        Prompt prompt = await Task.Run(() => read(exchange, lease), exchange.Stop).ConfigureAwait(false);
        exchange.Facts.Begin("text_completion", lease.Name, exchange.Serving.Options.LogPrompts ? CompletionJson.Text(lease.Model, prompt) : null);
        var writing = new CompletionJson(lease, prompt, body["return_tokens"].Flag() ?? false, body["id_slot"].Count(-1) ?? -1);
        await using var run = TextRun.Start(Slots.Take(exchange, lease, body["id_slot"].Count(-1) ?? -1), prompt, options, exchange.Stop);
        try
        {
            if (body["stream"].Flag() ?? false)
                await StreamAsync(exchange, run, writing).ConfigureAwait(false);
            else
                await WholeAsync(exchange, run, writing).ConfigureAwait(false);
            exchange.Facts.Finish = CompletionJson.StopKind(run.Generation);
            if ((body["cache_prompt"].Flag() ?? true) && run.Release() is { } session)
                Slots.Put(exchange, lease, writing.Slot, session);
        }
        finally
        {
            exchange.Facts.Count(run.Generation);
        }
    }

    private static async Task WholeAsync(Exchange exchange, TextRun run, CompletionJson writing)
    {
        (string text, IReadOnlyList<GeneratedToken> tokens) = await run.WholeAsync(exchange.Stop).ConfigureAwait(false);
        await exchange.WriteAsync(json => writing.Last(json, run.Generation, text, tokens)).ConfigureAwait(false);
    }

    private static async Task StreamAsync(Exchange exchange, TextRun run, CompletionJson writing)
    {
        await using EventStream events = exchange.Events();
        await foreach (GeneratedToken token in run.Generation.Tokens(exchange.Stop).ConfigureAwait(false))
        {
            if (token.Text.Length > 0 || writing.ReturnsTokens)
                await events.SendAsync(json => writing.Piece(json, token)).ConfigureAwait(false);
        }

        await events.SendAsync(json => writing.Last(json, run.Generation, "", [])).ConfigureAwait(false);
    }
}
