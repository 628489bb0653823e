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
        Routes.AddPost("/completion", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Prompt));
        Routes.AddPost("/completions", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Prompt));
        Routes.AddPost("/infill", OpenAiDialect.Dialect, exchange => AnswerAsync(exchange, Between));
    }

    private static int[] Prompt(Exchange exchange, ModelLease lease) =>
        RawPrompt.Read(exchange.Body["prompt"], lease.Model, exchange.Serving.Options) is [{ } only] ? only
            : throw Rejection.Of("prompt", "'prompt' holds several prompts; ask /v1/completions, which answers all of them.");

    private static int[] Between(Exchange exchange, ModelLease lease)
    {
        Field body = exchange.Body;
        (string, string)[] extra = [.. body["input_extra"].Items(256).Select(file => (file["filename"].Text() ?? "tmp", file["text"].NeededText()))];
        int room = Math.Min(lease.Model.ContextLength - 1, exchange.Serving.Options.MaxPromptTokens ?? int.MaxValue);
        return Infill.Tokens(
            lease.Model, body["input_prefix"].NeededText() + body["prompt"].Text(), body["input_suffix"].NeededText(), extra, Math.Max(8, room * 3 / 4));
    }

    private static async Task AnswerAsync(Exchange exchange, Func<Exchange, ModelLease, int[]> read)
    {
        Field body = exchange.Body;
        GenerationOptions options = ChatReading.Options(body, exchange) with { ParseSpecial = true, TopLogProbabilities = body["n_probs"].Count(0, 20) is > 0 and var top ? top : null };
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        options = options with { Adapters = exchange.Serving.Adapters.For(lease, body) };
        int[] prompt = read(exchange, lease);
        exchange.Facts.Begin("text_completion", lease.Name, exchange.Serving.Options.LogPrompts ? lease.Model.Tokenizer.Decode(prompt, special: true) : null);
        var writing = new CompletionJson(lease, prompt, body["return_tokens"].Flag() ?? false, body["id_slot"].Count(-1) ?? -1);
        await using var run = TextRun.Start(lease.Model, prompt, options, exchange.Stop);
        try
        {
            if (body["stream"].Flag() ?? false)
                await StreamAsync(exchange, run, writing).ConfigureAwait(false);
            else
                await WholeAsync(exchange, run, writing).ConfigureAwait(false);
            exchange.Facts.Finish = CompletionJson.StopKind(run.Generation);
        }
        finally
        {
            exchange.Facts.Count(run.Generation);
            if (body["cache_prompt"].Flag() ?? true)
                Slots.Remember(exchange, lease, writing.Slot, prompt);
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
