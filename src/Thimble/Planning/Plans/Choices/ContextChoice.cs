using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>Tokens that a sequence holds: as asked, or as many as fit.</summary>
internal static class ContextChoice
{
    private const int Least = 512, Enough = 8192;
    private const double HalvedFromMany = 1e-5, HalvedFromFew = 5e-3;   // what it is worth to hold twice as much

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(30, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        if (situation.Options.Context is { } asked)
        {
            yield return Of(draft, asked, 0).Because($"The context of {asked} tokens was asked for.");
            yield break;
        }

        double loss = 0;
        for (int context = situation.Made; context >= Math.Min(Least, situation.Made); context /= 2)
        {
            yield return Of(draft, context, loss).Because(
                context == situation.Made ? $"The context of {context} tokens is what the model was made for." : $"A context of {context} tokens is what fits, of {situation.Made}.");
            loss += context > Enough ? HalvedFromMany : HalvedFromFew;
        }
    }

    private static Draft Of(Draft draft, int context, double loss) => draft with { Plan = draft.Plan with { Context = context, Loss = draft.Plan.Loss + loss } };
}
