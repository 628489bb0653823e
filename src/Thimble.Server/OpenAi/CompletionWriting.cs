using System.Text.Json;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>Writes completions: whole, or in chunks.</summary>
/// <param name="exchange">The request.</param>
/// <param name="lease">The model that answers.</param>
/// <param name="form">What the client asked for.</param>
internal sealed class CompletionWriting(Exchange exchange, ModelLease lease, CompletionForm form)
{
    private readonly string _id = ChatCompletions.NewId("cmpl-");
    private readonly long _created = exchange.Serving.Now;

    /// <summary>What stands before the answers to each prompt.</summary>
    public required CompletionEcho[] Echoes { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Answers when all is written.</summary>
    public async Task WholeAsync(TextRun[] runs)
    {
        (string Text, IReadOnlyList<GeneratedToken> Tokens)[] whole = await Task.WhenAll(runs.Select(run => run.WholeAsync(exchange.Stop))).ConfigureAwait(false);
        exchange.Facts.Finish = runs.Length > 0 ? Reason(runs[0]) : "length";
        await exchange.WriteAsync(json =>
        {
            Begin(json);
            for (int prompt = 0; prompt < Echoes.Length; prompt++)
            {
                CompletionEcho echo = Echoes[prompt];
                int[] best = runs.Length > 0 ? Best(whole, prompt) : [.. Enumerable.Repeat(-1, form.Choices)];
                for (int i = 0; i < best.Length; i++)
                {
                    (string text, IReadOnlyList<GeneratedToken> tokens) = best[i] < 0 ? ("", []) : whole[best[i]];
                    Choice(json, (prompt * form.Choices) + i, echo.Text + text, [.. echo.Tokens, .. tokens], best[i] < 0 ? "length" : Reason(runs[best[i]]), 0, echo);
                }
            }

            json.WriteEndArray();
            Usage(json, runs);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>The likeliest answers to a prompt, token by token on average, the likeliest first where some are left out.</summary>
    private int[] Best((string Text, IReadOnlyList<GeneratedToken> Tokens)[] whole, int prompt)
    {
        IEnumerable<int> all = Enumerable.Range(prompt * form.Candidates, form.Candidates);
        return form.Candidates == form.Choices ? [.. all]
            : [.. all.OrderByDescending(i => whole[i].Tokens.Select(token => (double)TokenWriting.Finite(token.LogProbability ?? 0)).DefaultIfEmpty(double.NegativeInfinity).Average()).Take(form.Choices)];
    }

    /// <summary>Answers piece by piece.</summary>
    public async Task StreamAsync(TextRun[] runs)
    {
        await using EventStream events = exchange.Events();
        for (int i = 0; i < Echoes.Length * form.Choices; i++)
        {
            CompletionEcho echo = Echoes[i / form.Choices];
            int index = i;
            if (echo.Text.Length > 0)
                await SendAsync(events, index, echo.Text, echo.Tokens, null, 0, echo).ConfigureAwait(false);
        }

        // One prompt at a time is written out; the others go on meanwhile, as far ahead as readers may lag.
        for (int i = 0; i < runs.Length; i++)
        {
            int offset = Echoes[i / form.Choices].Text.Length;
            await foreach (GeneratedToken token in runs[i].Generation.Tokens(exchange.Stop).ConfigureAwait(false))
            {
                if (token.Text.Length == 0 && form.Likeliest is null)
                    continue;
                await SendAsync(events, i, token.Text, token.Id >= 0 ? [token] : [], null, offset).ConfigureAwait(false);
                offset += token.Text.Length;
            }

            await SendAsync(events, i, "", [], Reason(runs[i]), offset).ConfigureAwait(false);
        }

        exchange.Facts.Finish = runs.Length > 0 ? Reason(runs[0]) : "length";
        if (form.StreamsUsage)
        {
            await events.SendAsync(json =>
            {
                Begin(json);
                json.WriteEndArray();
                Usage(json, runs);
                json.WriteEndObject();
            }).ConfigureAwait(false);
        }

        await events.SendAsync("[DONE]").ConfigureAwait(false);
    }

    private static string Reason(TextRun run) =>
        run.Generation.FinishReason is FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.Deadline ? "length" : "stop";

    private Task SendAsync(EventStream events, int index, string text, IReadOnlyList<GeneratedToken> tokens, string? reason, int offset, CompletionEcho? echo = null) => events.SendAsync(json =>
    {
        Begin(json);
        Choice(json, index, text, tokens, reason, offset, echo);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private void Begin(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", _created);
        json.WriteString("model", lease.Name);
        json.WriteString("system_fingerprint", "thimble");
        json.WriteStartArray("choices");
    }

    private void Choice(Utf8JsonWriter json, int index, string text, IReadOnlyList<GeneratedToken> tokens, string? reason, int offset, CompletionEcho? echo)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", text);
        if (form.Likeliest is not null && tokens.Count > 0)
            Likelihoods(json, tokens, offset, echo);
        else
            json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason);
        json.WriteEndObject();
    }

    /// <summary>The older shape: four lists side by side.</summary>
    private void Likelihoods(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, int offset, CompletionEcho? echo)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (GeneratedToken token in tokens)
            json.WriteStringValue(TokenWriting.Text(lease.Model, token.Id));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (GeneratedToken token in tokens)
        {
            if (token.LogProbability is { } own)
                json.WriteNumberValue(TokenWriting.Finite(own));
            else
                json.WriteNullValue();   // the first of all: nothing stands before it
        }

        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (GeneratedToken token in tokens)
        {
            if (token.LogProbability is null)
            {
                json.WriteNullValue();
                continue;
            }

            json.WriteStartObject();
            foreach (IGrouping<string, TokenLogProbability> other in (token.TopLogProbabilities ?? []).GroupBy(other => TokenWriting.Text(lease.Model, other.Id)))
                json.WriteNumber(other.Key, TokenWriting.Finite(other.Max(one => one.LogProbability)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i == echo?.Tokens.Count)
                offset = echo.Text.Length;
            json.WriteNumberValue(offset);
            offset += tokens[i].Text.Length;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Usage(Utf8JsonWriter json, TextRun[] runs)
    {
        int written = runs.Sum(run => run.Generation.Timings.GeneratedTokens);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", PromptTokens);
        json.WriteNumber("completion_tokens", written);
        json.WriteNumber("total_tokens", PromptTokens + written);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", runs.Length > 0 ? runs.Max(run => run.Generation.CachedTokens) : 0);
        json.WriteEndObject();
        TimingWriting.Details(json, 0, runs.Select(run => run.Generation));
        json.WriteEndObject();
        if (runs.Length > 0)
            TimingWriting.Write(json, runs[0].Generation);
    }
}
