using System.Text.Json;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>Writes completions: whole, or in chunks.</summary>
/// <param name="exchange">The request.</param>
/// <param name="lease">The model that answers.</param>
internal sealed class CompletionWriting(Exchange exchange, ModelLease lease)
{
    private readonly string _id = ChatCompletions.NewId("cmpl-");
    private readonly long _created = exchange.Serving.Now;

    /// <summary>What stands before each answer.</summary>
    public required string[] Echoes { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Whether each token comes with its probability.</summary>
    public required bool HasLikelihoods { get; init; }

    /// <summary>Whether the last chunk counts the tokens.</summary>
    public required bool StreamsUsage { get; init; }

    /// <summary>Answers when all is written.</summary>
    public async Task WholeAsync(TextRun[] runs)
    {
        (string Text, IReadOnlyList<GeneratedToken> Tokens)[] whole = await Task.WhenAll(runs.Select(run => run.WholeAsync(exchange.Stop))).ConfigureAwait(false);
        exchange.Facts.Finish = runs.Length > 0 ? Reason(runs[0]) : "length";
        await exchange.WriteAsync(json =>
        {
            Begin(json);
            for (int i = 0; i < Echoes.Length; i++)
            {
                string text = runs.Length > 0 ? whole[i].Text : "";
                Choice(json, i, Echoes[i] + text, runs.Length > 0 ? whole[i].Tokens : [], runs.Length > 0 ? Reason(runs[i]) : "length", Echoes[i].Length);
            }

            json.WriteEndArray();
            Usage(json, runs);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Answers piece by piece.</summary>
    public async Task StreamAsync(TextRun[] runs)
    {
        await using EventStream events = exchange.Events();
        for (int i = 0; i < Echoes.Length; i++)
        {
            int index = i;
            if (Echoes[i].Length > 0)
                await SendAsync(events, index, Echoes[i], [], null, 0).ConfigureAwait(false);
        }

        // One prompt at a time is written out; the others go on meanwhile, as far ahead as readers may lag.
        for (int i = 0; i < runs.Length; i++)
        {
            int offset = Echoes[i].Length;
            await foreach (GeneratedToken token in runs[i].Generation.Tokens(exchange.Stop).ConfigureAwait(false))
            {
                if (token.Text.Length == 0 && !HasLikelihoods)
                    continue;
                await SendAsync(events, i, token.Text, token.Id >= 0 ? [token] : [], null, offset).ConfigureAwait(false);
                offset += token.Text.Length;
            }

            await SendAsync(events, i, "", [], Reason(runs[i]), offset).ConfigureAwait(false);
        }

        exchange.Facts.Finish = runs.Length > 0 ? Reason(runs[0]) : "length";
        if (StreamsUsage)
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

    private Task SendAsync(EventStream events, int index, string text, IReadOnlyList<GeneratedToken> tokens, string? reason, int offset) => events.SendAsync(json =>
    {
        Begin(json);
        Choice(json, index, text, tokens, reason, offset);
        json.WriteEndArray();
        if (StreamsUsage)
            json.WriteNull("usage");
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

    private void Choice(Utf8JsonWriter json, int index, string text, IReadOnlyList<GeneratedToken> tokens, string? reason, int offset)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", text);
        if (HasLikelihoods && tokens.Count > 0)
            Likelihoods(json, tokens, offset);
        else
            json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason);
        json.WriteEndObject();
    }

    /// <summary>The older shape: four lists side by side.</summary>
    private void Likelihoods(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, int offset)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (GeneratedToken token in tokens)
            json.WriteStringValue(TokenWriting.Text(lease.Model, token.Id));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (GeneratedToken token in tokens)
            json.WriteNumberValue(TokenWriting.Finite(token.LogProbability ?? 0));
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (GeneratedToken token in tokens)
        {
            json.WriteStartObject();
            foreach (IGrouping<string, TokenLogProbability> other in (token.TopLogProbabilities ?? []).GroupBy(other => TokenWriting.Text(lease.Model, other.Id)))
                json.WriteNumber(other.Key, TokenWriting.Finite(other.Max(one => one.LogProbability)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        foreach (GeneratedToken token in tokens)
        {
            json.WriteNumberValue(offset);
            offset += token.Text.Length;
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
        json.WriteEndObject();
    }
}
