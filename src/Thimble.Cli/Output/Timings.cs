using System.Globalization;

namespace Thimble.Cli.Output;

/// <summary>How long a generation took, for people.</summary>
internal static class Timings
{
    /// <summary>Writes a line for each.</summary>
    public static void Write(TextWriter output, Generation generation)
    {
        GenerationTimings timings = generation.Timings;
        Line("load", $"{timings.Load.TotalMilliseconds:F1} ms");
        Line("first token", $"{timings.FirstToken.TotalMilliseconds:F1} ms");
        Line("prompt", $"{timings.PromptTokens} tokens ({timings.CachedTokens} cached), {timings.PrefillTokensPerSecond:F1} tokens/s");
        Line("generated", $"{timings.GeneratedTokens} tokens, {timings.DecodeTokensPerSecond:F1} tokens/s");
        if (generation.Drafts is { Steps: > 0 } drafts)
            Line("drafted", $"{drafts.Drafted} tokens, {drafts.Accepted} accepted, {drafts.MeanLength:F2} a step, {drafts.Saved.TotalMilliseconds:F0} ms saved");
        Line("read per token", $"{Units.Bytes(timings.BytesPerToken)}");
        Line("finish reason", $"{generation.FinishReason}");
        Line("seed", $"{generation.Seed}");
        output.Flush();

        void Line(string name, FormattableString value) => output.WriteLine($"{name + ":",-16}{value.ToString(CultureInfo.InvariantCulture)}");
    }
}
