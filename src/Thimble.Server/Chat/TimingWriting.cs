using System.Text.Json;

namespace Thimble.Server.Chat;

/// <summary>How long an answer took, in llama-server's shape; and what came of guessing tokens ahead, where it was tried.</summary>
internal static class TimingWriting
{
    /// <summary>Writes the member <c>timings</c>.</summary>
    /// <param name="json">Where.</param>
    /// <param name="generation">The answer.</param>
    public static void Write(Utf8JsonWriter json, Generation generation)
    {
        GenerationTimings timings = generation.Timings;
        int computed = timings.PromptTokens - timings.CachedTokens;
        double prompt = timings.Prefill.TotalMilliseconds, predicted = timings.Decode.TotalMilliseconds;
        json.WriteStartObject("timings");
        json.WriteNumber("cache_n", timings.CachedTokens);
        json.WriteNumber("prompt_n", computed);
        json.WriteNumber("prompt_ms", prompt);
        json.WriteNumber("prompt_per_token_ms", computed > 0 ? prompt / computed : 0);
        json.WriteNumber("prompt_per_second", timings.PrefillTokensPerSecond);
        json.WriteNumber("predicted_n", timings.GeneratedTokens);
        json.WriteNumber("predicted_ms", predicted);
        json.WriteNumber("predicted_per_token_ms", timings.GeneratedTokens > 1 ? predicted / (timings.GeneratedTokens - 1) : 0);
        json.WriteNumber("predicted_per_second", timings.DecodeTokensPerSecond);
        if (generation.Drafts is { Drafted: > 0 } drafts)
        {
            json.WriteNumber("draft_n", drafts.Drafted);
            json.WriteNumber("draft_n_accepted", drafts.Accepted);
            json.WriteNumber("draft_mean_length", drafts.MeanLength);
            json.WriteNumber("draft_saved_ms", drafts.Saved.TotalMilliseconds);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes what of the answers' tokens was thought, and what was guessed, as OpenAI's usage has it.</summary>
    public static void Details(Utf8JsonWriter json, int reasoning, IEnumerable<Generation> generations)
    {
        (int drafted, int accepted) = (0, 0);
        foreach (DraftStatistics drafts in generations.Select(generation => generation.Drafts))
            (drafted, accepted) = (drafted + drafts.Drafted, accepted + drafts.Accepted);
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", reasoning);
        json.WriteNumber("audio_tokens", 0);
        json.WriteNumber("accepted_prediction_tokens", accepted);
        json.WriteNumber("rejected_prediction_tokens", drafted - accepted);
        json.WriteEndObject();
    }
}
