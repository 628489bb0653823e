using System.Globalization;
using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>Reads how tokens are chosen: OpenAI's names, and llama-server's for what OpenAI lacks.</summary>
internal static class SamplingFields
{
    /// <summary>Reads them; what a request does not name stays as it was, or unset for the model to recommend.</summary>
    /// <param name="body">The request, or the object in it that holds them.</param>
    /// <param name="plain">What holds where they are silent.</param>
    /// <exception cref="Rejection">A value is of the wrong kind, or out of range.</exception>
    public static SamplingOptions Read(Field body, SamplingOptions plain) => Recommendable(body, plain with
    {
        TypicalP = (float)(body["typical_p"].Number(0, 1) ?? plain.TypicalP),
        TopNSigma = (float)Math.Max(0, body["top_n_sigma"].Number(-1) ?? plain.TopNSigma),
        FrequencyPenalty = (float)(body["frequency_penalty"].Number(-100, 100) ?? plain.FrequencyPenalty),
        PresencePenalty = (float)(body["presence_penalty"].Number(-100, 100) ?? plain.PresencePenalty),
        LogitBias = Bias(body["logit_bias"], plain),
        Seed = body["seed"].Whole() is { } seed && seed != -1 ? (ulong)seed : plain.Seed,
        Dry = body["dry_multiplier"].Number(0) is > 0 and var dry ? Dry(body, (float)dry) : plain.Dry,
        DynamicTemperature = body["dynatemp_range"].Number(0) is > 0 and var range
            ? new() { Range = (float)range, Exponent = (float)(body["dynatemp_exponent"].Number(0) ?? 1) }
            : plain.DynamicTemperature,
    });

    private static SamplingOptions Recommendable(Field body, SamplingOptions sampling)
    {
        if (body["temperature"].Number(0, 100) is { } temperature)
            sampling = sampling with { Temperature = (float)temperature };
        if (body["top_p"].Number(0, 1) is { } topP)
            sampling = sampling with { TopP = (float)topP };
        if (body["top_k"].Count(-1) is { } topK)
            sampling = sampling with { TopK = Math.Max(0, topK) };
        if (body["min_p"].Number(0, 1) is { } minP)
            sampling = sampling with { MinP = (float)minP };
        if (body.First("repeat_penalty", "repetition_penalty").Number(0.01, 100) is { } penalty)
            sampling = sampling with { RepetitionPenalty = (float)penalty };
        if (body["repeat_last_n"].Count(-1) is { } window)
            sampling = sampling with { PenaltyWindow = window < 0 ? int.MaxValue : window };
        if (body["xtc_probability"].Number(0, 1) is { } xtc)
            sampling = sampling with { Xtc = xtc == 0 ? null : new() { Probability = (float)xtc, Threshold = (float)(body["xtc_threshold"].Number(0, 1) ?? 0.1) } };
        return body["mirostat"].Count(0, 2) switch
        {
            null => sampling,
            0 => sampling with { Mirostat = null },
            2 => sampling with { Mirostat = new() { Tau = (float)(body["mirostat_tau"].Number(0) ?? 5), Eta = (float)(body["mirostat_eta"].Number(0) ?? 0.1) } },
            _ => throw Rejection.Of("mirostat", "'mirostat' is 1; expected 0 (off) or 2."),
        };
    }

    private static DryOptions Dry(Field body, float multiplier)
    {
        DryOptions plain = new();
        return plain with
        {
            Multiplier = multiplier,
            Base = (float)(body["dry_base"].Number(1) ?? plain.Base),
            AllowedLength = body["dry_allowed_length"].Count() ?? plain.AllowedLength,
            Window = body["dry_penalty_last_n"].Count(-1) is >= 0 and var window ? window : null,
            SequenceBreakers = body["dry_sequence_breakers"] is { IsGiven: true } breakers ? breakers.Texts(64) : plain.SequenceBreakers,
        };
    }

    /// <summary>OpenAI's object of ids, or llama-server's list of pairs.</summary>
    private static IReadOnlyDictionary<int, float> Bias(Field field, SamplingOptions plain)
    {
        const int Most = 1024;
        if (!field.IsGiven)
            return plain.LogitBias;

        Dictionary<int, float> biases = [];
        if (field.IsList)
        {
            foreach (Field pair in field.Items(Most))
            {
                if (pair.Items(2) is not [var id, var bias])
                    throw pair.Wrong("a pair of a token's id and a number");
                biases[id.Count() ?? throw id.Missing("a token's id")] = bias.IsFlag && bias.Flag() == false
                    ? float.NegativeInfinity : (float)(bias.Number(-1000, 1000) ?? 0);
            }

            return biases;
        }

        IReadOnlyList<(string Name, Field Value)> members = field.Members();
        if (members.Count > Most)
            throw Rejection.Of(field.Path, $"'{field.Path}' has {members.Count} tokens; expected at most {Most}.");
        foreach ((string name, Field value) in members)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw Rejection.Of(value.Path, $"'{field.Path}' names '{name}'; expected a token's id.");
            biases[id] = (float)(value.Number(-100, 100) ?? 0);
        }

        return biases;
    }
}
