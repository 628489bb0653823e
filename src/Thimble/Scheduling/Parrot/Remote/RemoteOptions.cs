using System.Globalization;
using System.Text.Json;
using Thimble.Grammar;
using Thimble.Sampling;

namespace Thimble.Scheduling;

/// <summary>Options of a generation as a server reads them, by the names of its completions.</summary>
internal static class RemoteOptions
{
    private static readonly SamplingOptions s_plain = new();

    /// <summary>Refuses what cannot be said to a server.</summary>
    /// <exception cref="NotSupportedException">There is something of that kind; the message names it.</exception>
    public static void Require(GenerationOptions options)
    {
        string? what = options.Adapters.Count > 0 ? "Adapters"
            : options.ShowSpecial ? "ShowSpecial"
            : options.Sampling.Order.SequenceEqual(s_plain.Order) ? null : "Sampling.Order";
        if (options.Format is { } format && (format.After is not null || format.Triggers.Count > 0 || format.Kind == FormatKind.Calls))
            what = "a Format that begins behind a text";
        if (what is not null)
            throw new NotSupportedException($"{what} is not sent to a server; known: limits, stops, sampling, and formats that hold from the beginning.");
    }

    /// <summary>Writes them as an object.</summary>
    public static void Write(Utf8JsonWriter json, GenerationOptions options)
    {
        json.WriteStartObject();
        json.WriteNumber("max_tokens", options.MaxTokens ?? -1);
        json.WriteStartArray("stop");
        foreach (string stop in options.Stop)
            json.WriteStringValue(stop);
        json.WriteEndArray();
        json.WriteBoolean("ignore_eos", options.IgnoreEnd);
        json.WriteBoolean("parse_special", options.ParseSpecial);
        if (options.Deadline is { } deadline)
            json.WriteNumber("t_max_predict_ms", deadline.TotalMilliseconds);
        Write(json, options.Sampling);
        if (options.Format is { } format)
            Write(json, format);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SamplingOptions sampling)
    {
        // What is not set is for the server's model to recommend.
        if (sampling.Sets(Recommended.Temperature))
            json.WriteNumber("temperature", sampling.Temperature);
        if (sampling.Sets(Recommended.TopK))
            json.WriteNumber("top_k", sampling.TopK);
        if (sampling.Sets(Recommended.TopP))
            json.WriteNumber("top_p", sampling.TopP);
        if (sampling.Sets(Recommended.MinP))
            json.WriteNumber("min_p", sampling.MinP);
        if (sampling.Sets(Recommended.RepetitionPenalty))
            json.WriteNumber("repeat_penalty", sampling.RepetitionPenalty);
        if (sampling.Sets(Recommended.PenaltyWindow))
            json.WriteNumber("repeat_last_n", sampling.PenaltyWindow);
        json.WriteNumber("typical_p", sampling.TypicalP);
        json.WriteNumber("top_n_sigma", sampling.TopNSigma);
        json.WriteNumber("frequency_penalty", sampling.FrequencyPenalty);
        json.WriteNumber("presence_penalty", sampling.PresencePenalty);
        if (sampling.Seed is { } seed)
            json.WriteNumber("seed", unchecked((long)seed));
        json.WriteStartArray("logit_bias");
        foreach ((int id, float bias) in sampling.LogitBias)
        {
            json.WriteStartArray();
            json.WriteNumberValue(id);
            if (float.IsNegativeInfinity(bias))
                json.WriteBooleanValue(false);
            else
                json.WriteNumberValue(bias);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        Number("mirostat", sampling.Mirostat is not null ? 2 : sampling.Sets(Recommended.Mirostat) ? 0 : null);
        Number("mirostat_tau", sampling.Mirostat?.Tau);
        Number("mirostat_eta", sampling.Mirostat?.Eta);
        Number("xtc_probability", sampling.Xtc?.Probability ?? (sampling.Sets(Recommended.Xtc) ? 0 : null));
        Number("xtc_threshold", sampling.Xtc?.Threshold);
        Number("dynatemp_range", sampling.DynamicTemperature?.Range);
        Number("dynatemp_exponent", sampling.DynamicTemperature?.Exponent);
        Number("dry_multiplier", sampling.Dry?.Multiplier);
        Number("dry_base", sampling.Dry?.Base);
        Number("dry_allowed_length", sampling.Dry?.AllowedLength);
        Number("dry_penalty_last_n", sampling.Dry?.Window);
        if (sampling.Dry is { } dry)
        {
            json.WriteStartArray("dry_sequence_breakers");
            foreach (string breaker in dry.SequenceBreakers)
                json.WriteStringValue(breaker);
            json.WriteEndArray();
        }

        void Number(string name, float? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
        }
    }

    private static void Write(Utf8JsonWriter json, OutputFormat format)
    {
        json.WriteStartObject("response_format");
        switch (format.Kind)
        {
            case FormatKind.JsonSchema:
                json.WriteString("type", "json_schema");
                json.WritePropertyName("schema");
                json.WriteRawValue(format.Text);
                break;
            case FormatKind.Regex:
                json.WriteString("type", "regex");
                json.WriteString("pattern", format.Text);
                break;
            case FormatKind.Choice:
                json.WriteString("type", "choice");
                json.WriteStartArray("choices");
                foreach (string choice in format.Text.Split('\0'))
                    json.WriteStringValue(choice);
                json.WriteEndArray();
                break;
            case FormatKind.Grammar:
                json.WriteString("type", "grammar");
                json.WriteString("grammar", format.Text);
                break;
            default:
                throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"A format of kind {format.Kind} is not sent to a server."));
        }

        json.WriteEndObject();
    }
}
