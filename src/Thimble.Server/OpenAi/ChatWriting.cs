using System.Text.Json;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;

namespace Thimble.Server.OpenAi;

/// <summary>Writes chat answers: whole, or in chunks.</summary>
/// <param name="id">The answer's id.</param>
/// <param name="created">Seconds since 1970.</param>
/// <param name="lease">The model that answers.</param>
/// <param name="form">What the client asked for.</param>
internal sealed class ChatWriting(string id, long created, ModelLease lease, ChatForm form)
{
    private readonly int[] _calls = new int[form.Choices];

    /// <summary>What the client asked for.</summary>
    public ChatForm Form => form;

    /// <summary>Why an answer ended, in OpenAI's words, which its clients take literally.</summary>
    public static string Reason(Answering answer) => answer.Reason switch
    {
        FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.Deadline => "length",
        _ => answer.HasCalls ? "tool_calls" : "stop",
    };

    /// <summary>The whole answer.</summary>
    public void Whole(Utf8JsonWriter json, ChatAnswer[] answers, Answering[] ends)
    {
        Begin(json, "chat.completion");
        for (int i = 0; i < answers.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index", i);
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            json.WriteString("content", answers[i].Text);
            if (answers[i].Reasoning is { } reasoning)
                json.WriteString("reasoning_content", reasoning);
            json.WriteNull("refusal");
            if (answers[i].Calls.Count > 0)
                Calls(json, answers[i].Calls);
            json.WriteEndObject();
            Likelihoods(json, answers[i].Tokens);
            json.WriteString("finish_reason", Reason(ends[i]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Counts(json, ends);
        json.WriteEndObject();
    }

    /// <summary>The first chunk of a choice: who speaks.</summary>
    public void First(Utf8JsonWriter json, int index) => Chunk(json, index, null, () =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
    });

    /// <summary>A chunk of a choice.</summary>
    public void Piece(Utf8JsonWriter json, int index, AnswerPiece piece) => Chunk(
        json, index, null,
        () =>
        {
            // A member may stand once only: pieces of one kind are joined.
            Text(json, "content", piece, ReplyPartKind.Text);
            Text(json, "reasoning_content", piece, ReplyPartKind.Reasoning);
            ChatToolCall[] calls = [.. piece.Parts.Where(part => part.Call is not null).Select(part => part.Call!)];
            if (calls.Length == 0)
                return;
            Calls(json, calls, _calls[index]);
            _calls[index] += calls.Length;
        },
        piece.Tokens);

    /// <summary>The last chunk of a choice: why it ended.</summary>
    public void Last(Utf8JsonWriter json, int index, Answering answer) => Chunk(json, index, Reason(answer), static () => { });

    /// <summary>The chunk that counts the tokens.</summary>
    public void Usage(Utf8JsonWriter json, Answering[] answers)
    {
        Begin(json, "chat.completion.chunk");
        json.WriteEndArray();
        Counts(json, answers);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, AnswerPiece piece, ReplyPartKind kind)
    {
        string text = string.Concat(piece.Parts.Where(part => part.Kind == kind).Select(part => part.Text));
        if (text.Length > 0)
            json.WriteString(name, text);
    }

    private static void Calls(Utf8JsonWriter json, IReadOnlyList<ChatToolCall> calls, int? first = null)
    {
        json.WriteStartArray("tool_calls");
        for (int i = 0; i < calls.Count; i++)
        {
            json.WriteStartObject();
            if (first is { } start)
                json.WriteNumber("index", start + i);
            json.WriteString("id", calls[i].Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", calls[i].Name);
            json.WriteString("arguments", calls[i].Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Counts(Utf8JsonWriter json, Answering[] answers)
    {
        GenerationTimings first = answers[0].Generation.Timings;
        int written = answers.Sum(answer => answer.Generation.Timings.GeneratedTokens);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", first.PromptTokens);
        json.WriteNumber("completion_tokens", written);
        json.WriteNumber("total_tokens", first.PromptTokens + written);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", first.CachedTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteEndObject();
        TimingWriting.Details(json, answers.Sum(answer => answer.ReasoningTokens), answers.Select(answer => answer.Generation));
        json.WriteEndObject();
        TimingWriting.Write(json, answers[0].Generation);
    }

    private void Begin(Utf8JsonWriter json, string kind)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteNumber("created", created);
        json.WriteString("model", lease.Name);
        json.WriteString("system_fingerprint", "thimble");
        json.WriteStartArray("choices");
    }

    private void Chunk(Utf8JsonWriter json, int index, string? reason, Action delta, IReadOnlyList<GeneratedToken>? tokens = null)
    {
        Begin(json, "chat.completion.chunk");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("delta");
        delta();
        json.WriteEndObject();
        Likelihoods(json, tokens ?? []);
        json.WriteString("finish_reason", reason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (form.StreamsUsage)
            json.WriteNull("usage");
        json.WriteEndObject();
    }

    private void Likelihoods(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        if (form.LogProbabilities is null || tokens.Count == 0)
        {
            json.WriteNull("logprobs");
            return;
        }

        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (GeneratedToken token in tokens)
            TokenWriting.Likelihood(json, lease.Model, token);
        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }
}
