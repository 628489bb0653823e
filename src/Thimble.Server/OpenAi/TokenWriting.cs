using System.Text;
using System.Text.Json;

namespace Thimble.Server.OpenAi;

/// <summary>Writes tokens with how likely the model found them.</summary>
internal static class TokenWriting
{
    /// <summary>A token, its probability and the likeliest others, as chat completions have them.</summary>
    public static void Likelihood(Utf8JsonWriter json, Model model, GeneratedToken token)
    {
        json.WriteStartObject();
        One(json, model, token.Id, token.LogProbability ?? 0);
        json.WriteStartArray("top_logprobs");
        foreach (TokenLogProbability other in token.TopLogProbabilities ?? [])
        {
            json.WriteStartObject();
            One(json, model, other.Id, other.LogProbability);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A token's text, whatever its bytes: a piece of a character shows as a replacement mark.</summary>
    public static string Text(Model model, int id) => Encoding.UTF8.GetString(model.Tokenizer.Piece(id));

    /// <summary>A probability's logarithm as JSON can hold it: of none, OpenAI's −9999.</summary>
    public static float Finite(float logProbability) => float.IsFinite(logProbability) ? logProbability : -9999;

    private static void One(Utf8JsonWriter json, Model model, int id, float logProbability)
    {
        ReadOnlySpan<byte> piece = model.Tokenizer.Piece(id);
        json.WriteString("token", Encoding.UTF8.GetString(piece));
        json.WriteNumber("logprob", Finite(logProbability));
        json.WriteStartArray("bytes");
        foreach (byte b in piece)
            json.WriteNumberValue(b);
        json.WriteEndArray();
    }
}
