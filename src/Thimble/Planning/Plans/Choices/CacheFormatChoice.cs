using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;

namespace Thimble.Planning;

/// <summary>How keys and values are stored.</summary>
internal static class CacheFormatChoice
{
    private static readonly (string Format, double Loss)[] s_offers = [("F16", 0), ("Q8_0", 1e-3), ("Q4_0", 2e-2)];

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(20, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        if (situation.Options.CacheFormat is { } asked)
        {
            yield return Of(draft, CellFormat.Named(asked).Name, 0).Because($"The cache is {asked}, as asked.");
            yield break;
        }

        foreach ((string format, double loss) in s_offers)
        {
            int grain = CellFormat.Named(format).Grain;
            if (situation.In(draft.Plan.WeightFormat).States.Any(state => state.Keys is { } keys && (keys.KeySize % grain != 0 || keys.ValueSize % grain != 0)))
                continue;
            yield return Of(draft, format, loss).Because(loss == 0 ? "The cache in F16 loses nothing." : $"The cache in {format} fits where F16 would not, or is read faster.");
        }
    }

    private static Draft Of(Draft draft, string format, double loss) =>
        draft with { Plan = draft.Plan with { CacheFormat = format, Loss = draft.Plan.Loss + loss } };
}
