using System.Text.Json;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary>The shapes of <c>/completion</c>.</summary>
/// <param name="lease">The model that answers.</param>
/// <param name="prompt">What it was asked.</param>
/// <param name="returnsTokens">Whether ids come with the text.</param>
/// <param name="slot">The slot that was asked for; −1 for any.</param>
internal sealed class CompletionJson(ModelLease lease, Prompt prompt, bool returnsTokens, int slot)
{
    /// <summary>Whether ids come with the text.</summary>
    public bool ReturnsTokens => returnsTokens;

    /// <summary>The slot it is remembered in.</summary>
    public int Slot => Math.Max(0, slot);

    /// <summary>A prompt's text, without its images.</summary>
    public static string Text(Model model, Prompt prompt) => model.Tokenizer.Decode([.. prompt.Ids.ToArray().Where(id => id >= 0)], special: true);

    /// <summary>Why it ended, in llama-server's words.</summary>
    public static string StopKind(Generation generation) => generation.FinishReason switch
    {
        FinishReason.Stop => "word",
        FinishReason.EndOfText => "eos",
        FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.Deadline => "limit",
        _ => "none",
    };

    /// <summary>A piece of the text.</summary>
    public void Piece(Utf8JsonWriter json, GeneratedToken token)
    {
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteString("content", token.Text);
        Tokens(json, token.Id >= 0 ? [token] : [], returnsTokens);
        json.WriteBoolean("stop", false);
        json.WriteNumber("id_slot", Slot);
        json.WriteNumber("tokens_predicted", 1);
        json.WriteNumber("tokens_evaluated", prompt.Length);
        Likelihoods(json, token.Id >= 0 ? [token] : []);
        json.WriteEndObject();
    }

    /// <summary>The whole, or what ends a stream.</summary>
    public void Last(Utf8JsonWriter json, Generation generation, string text, IReadOnlyList<GeneratedToken> tokens)
    {
        GenerationTimings timings = generation.Timings;
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteString("content", text);
        Tokens(json, tokens, returnsTokens);
        json.WriteNumber("id_slot", Slot);
        json.WriteBoolean("stop", true);
        json.WriteString("model", lease.Name);
        json.WriteNumber("tokens_predicted", timings.GeneratedTokens);
        json.WriteNumber("tokens_evaluated", timings.PromptTokens);
        json.WriteStartObject("generation_settings");
        json.WriteNumber("seed", generation.Seed);
        json.WriteNumber("n_ctx", lease.Model.ContextLength);
        json.WriteNumber("temperature", generation.Options.Sampling.Temperature);
        json.WriteNumber("top_k", generation.Options.Sampling.TopK);
        json.WriteNumber("top_p", generation.Options.Sampling.TopP);
        json.WriteNumber("min_p", generation.Options.Sampling.MinP);
        json.WriteNumber("n_predict", generation.Options.MaxTokens ?? -1);
        json.WriteEndObject();
        json.WriteString("prompt", Text(lease.Model, prompt));
        json.WriteBoolean("truncated", false);
        json.WriteString("stop_type", StopKind(generation));
        json.WriteString("stopping_word", generation.FinishReason == FinishReason.Stop && generation.Options.Stop is [{ } only] ? only : "");
        json.WriteNumber("tokens_cached", timings.CachedTokens);
        Likelihoods(json, tokens);
        TimingWriting.Write(json, generation);
        json.WriteEndObject();
    }

    private static void Tokens(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, bool wanted)
    {
        json.WriteStartArray("tokens");
        foreach (GeneratedToken token in wanted ? tokens : [])
            json.WriteNumberValue(token.Id);
        json.WriteEndArray();
    }

    private void Likelihoods(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        if (!tokens.Any(token => token.LogProbability is not null))
            return;
        json.WriteStartArray("completion_probabilities");
        foreach (GeneratedToken token in tokens)
        {
            json.WriteStartObject();
            One(token.Id, token.LogProbability ?? 0);
            json.WriteStartArray("top_logprobs");
            foreach (TokenLogProbability other in token.TopLogProbabilities ?? [])
            {
                json.WriteStartObject();
                One(other.Id, other.LogProbability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void One(int id, float logProbability)
        {
            json.WriteNumber("id", id);
            json.WriteString("token", TokenWriting.Text(lease.Model, id));
            json.WriteNumber("logprob", TokenWriting.Finite(logProbability));
        }
    }
}
