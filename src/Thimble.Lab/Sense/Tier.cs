using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Thimble.Lab.Evaluate;
using Thimble.Models.Chat;

namespace Thimble.Lab.Sense;

/// <summary>Where a model runs that answers prompts.</summary>
internal interface ITier : IDisposable
{
    /// <summary>What it is, for the table.</summary>
    string Name { get; }

    /// <summary>The model.</summary>
    string Model { get; }

    /// <summary>Answers a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxTokens">The longest answer.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<TierReply> AnswerAsync(string prompt, int maxTokens, CancellationToken cancellation);
}

/// <summary>An answer and how long it took.</summary>
/// <param name="Text">The answer.</param>
/// <param name="First">To the first token; null where that cannot be seen.</param>
/// <param name="Total">To the last.</param>
/// <param name="Tokens">Tokens written.</param>
internal readonly record struct TierReply(string Text, TimeSpan? First, TimeSpan Total, int Tokens);

/// <summary>The model in this process.</summary>
internal sealed class LocalTier(Model model, string format) : ITier
{
    public string Name => "in process";

    public string Model => $"{model.Name} {format}";

    public async Task<TierReply> AnswerAsync(string prompt, int maxTokens, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using Session session = model.CreateSession();
        int[] tokens = Writer.Prompt(model, [new ChatTurn("user", prompt)], chat: true);
        int room = model.ContextLength - tokens.Length;
        if (room < 1)
            throw new CapacityException($"The prompt has {tokens.Length} tokens; the context of '{model.Name}' holds {model.ContextLength}.", tokens.Length, model.ContextLength);
        Generation generation = session.Continue(tokens, new() { MaxTokens = Math.Min(maxTokens, room), Sampling = SamplingOptions.Greedy }, cancellation);
        string text = await generation.TextAsync(cancellation).ConfigureAwait(false);
        return new(text, generation.Timings.FirstToken, Stopwatch.GetElapsedTime(start), generation.Timings.GeneratedTokens);
    }

    public void Dispose() => model.Dispose();
}

/// <summary>A server that speaks OpenAI's chat completions: one near by, or one far away whose distance is stated and waited for.</summary>
/// <param name="server">Its address, as in <c>http://localhost:8080/v1</c>.</param>
/// <param name="model">The model's name there.</param>
/// <param name="latency">What is added to each answer to stand for the way to a remote machine; nothing for a real one.</param>
internal sealed class ServerTier(Uri server, string model, TimeSpan latency) : ITier
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(10) };

    public string Name => latency > TimeSpan.Zero ? FormattableString.Invariant($"remote (simulated, {latency.TotalMilliseconds:F0} ms away)") : "edge server";

    public string Model => model;

    public async Task<TierReply> AnswerAsync(string prompt, int maxTokens, CancellationToken cancellation)
    {
        var asked = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
            ["max_tokens"] = maxTokens,
            ["temperature"] = 0,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        long start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.ToString().TrimEnd('/') + "/chat/completions")
        {
            Content = new StringContent(asked.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            string said = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            throw new NotSupportedException($"'{server}' answered {(int)response.StatusCode}: {said}");
        }

        TierReply reply = await ReadAsync(response, start, cancellation).ConfigureAwait(false);
        if (latency > TimeSpan.Zero)
            await Task.Delay(latency, cancellation).ConfigureAwait(false);
        return reply with { First = reply.First + latency, Total = Stopwatch.GetElapsedTime(start) };
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Reads events: lines of <c>data: {…}</c> until <c>data: [DONE]</c>.</summary>
    private async Task<TierReply> ReadAsync(HttpResponseMessage response, long start, CancellationToken cancellation)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(stream);
        var text = new System.Text.StringBuilder();
        TimeSpan? first = null;
        int pieces = 0, counted = 0;
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
                continue;
            JsonNode? data = Parsed(line["data: ".Length..]);
            counted = (int?)data?["usage"]?["completion_tokens"] ?? counted;
            if (data?["choices"] is JsonArray { Count: > 0 } choices && (string?)choices[0]?["delta"]?["content"] is { Length: > 0 } piece)
            {
                first ??= Stopwatch.GetElapsedTime(start);
                text.Append(piece);
                pieces++;
            }
        }

        return new(text.ToString(), first, Stopwatch.GetElapsedTime(start), counted > 0 ? counted : pieces);
    }

    private JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"'{server}' sent an event that is no JSON: {fault.Message}", fault);
        }
    }
}
