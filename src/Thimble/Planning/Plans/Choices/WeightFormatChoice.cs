using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;

namespace Thimble.Planning;

/// <summary>The weights' format: the model's own, or a smaller one that it would have to be quantised to.</summary>
/// <remarks>What a format loses is taken as <c>4^(1 − bits)</c>, which follows the rise of perplexity that llama.cpp lists for its mixes
/// to within a factor of two: 0.008 at 4.5 bits, 0.03 at 3.4, 0.1 at 2.6.</remarks>
internal static class WeightFormatChoice
{
    private const double Quantising = 2e-6;   // of two formats that lose alike, the model's own

    private static readonly string[] s_usual = ["Q8_0", "Q6_K", "Q5_K", "Q4_K", "Q4_0", "Q3_K", "Q2_K"];

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(10, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        double own = BlockFormats.Named(situation.Own).BitsPerWeight;
        yield return Of(draft, situation, situation.Own).Because($"{situation.Own} is the model's own format and loses nothing more.");
        foreach (string name in situation.Options.Formats ?? s_usual)
        {
            var format = BlockFormats.Named(name);
            if (format.Name == situation.Own || format.BitsPerWeight >= own)
                continue;
            Draft quantised = Of(draft, situation, format.Name);
            yield return (quantised with { Plan = quantised.Plan with { Quantises = true, Loss = draft.Plan.Loss + Quantising + Math.Pow(4, 1 - format.BitsPerWeight) } })
                .Because(FormattableString.Invariant($"{format.Name} ({format.BitsPerWeight:G3} bits) is the largest format that keeps the budget; the model is {situation.Own} and must be quantised."));
        }
    }

    private static Draft Of(Draft draft, Situation situation, string format) =>
        draft with { Plan = draft.Plan with { WeightFormat = format, WeightBytes = situation.WeightBytes(format) } };
}
