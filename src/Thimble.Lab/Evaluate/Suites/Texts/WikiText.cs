using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Perplexity on the test part of WikiText-2, and how far the model lies from a reference there.</summary>
/// <remarks>Source: Merity et al., "Pointer Sentinel Mixture Models", 2016.</remarks>
internal sealed class WikiText() : TextSuite(
    "wikitext", "perplexity on WikiText-2; with --reference also the divergence", "wikitext-2",
    "WikiText-2 raw is wiki.test.raw of the archive wikitext-2-raw-v1.")
{
    private const double Normal = 1.959964;   // half-width of a 95 % interval in standard errors

    [ModuleInitializer]
    internal static void Register() => Suites.Add(new WikiText());

    public override string Method => "windows side by side, second halves scored, as llama.cpp's perplexity does; with --stride overlapping ones, as Hugging Face does.";

    public override IReadOnlyList<Metric> Measure(
        Corpus data, string? path, EvaluationOptions options, IProgress<WindowProgress> progress, CancellationToken cancellation)
    {
        string text = data.Text("wiki.test.raw");
        if (options.Reference is null)
        {
            var found = Perplexity.Measure(path, text, Windows(options), progress, cancellation);
            return [Around("perplexity", found.Value, found.Error, found.Tokens)];
        }

        var apart = Divergence.Measure(path, options.ReferencePath, text, Windows(options), progress, cancellation);
        var agreement = Interval.Wilson((int)Math.Round(apart.Agreement * apart.Tokens), apart.Tokens);
        return
        [
            new("perplexity", apart.Perplexity, apart.Perplexity, apart.Perplexity, apart.Tokens, "none"),
            new("reference_perplexity", apart.ReferencePerplexity, apart.ReferencePerplexity, apart.ReferencePerplexity, apart.Tokens, "none"),
            Around("kl_divergence", apart.Mean, apart.Error, apart.Tokens),
            new("kl_median", apart.Median, apart.Median, apart.Median, apart.Tokens, "none"),
            new("kl_worst", apart.Worst, apart.Worst, apart.Worst, apart.Tokens, "none"),
            new("same_top_token", apart.Agreement, agreement.Low, agreement.High, apart.Tokens, "Wilson"),
        ];
    }

    private static Metric Around(string name, double value, double error, int tokens) =>
        new(name, value, value - (Normal * error), value + (Normal * error), tokens, "normal");
}
