using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Who multiplies a weight: asked once, when it is opened.</summary>
internal static class Multipliers
{
    private static readonly List<Func<Weight, Team, Multiplier?>> s_offers = [];

    /// <summary>Adds an offer to multiply weights of some formats and shapes: null for those it does not take. Its own file calls this.</summary>
    public static void Add(Func<Weight, Team, Multiplier?> offer) => s_offers.Add(offer);

    /// <summary>The multiplier for a weight.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="opening">What its opener asks for.</param>
    public static Multiplier For(Weight weight, Opening opening)
    {
        if (opening.Precision == Precision.Floats)
            return new FloatMultiplier(weight);

        if (opening.Packer is { } team)
        {
            foreach (Func<Weight, Team, Multiplier?> offer in s_offers)
            {
                if (offer(weight, team) is { } multiplier)
                    return multiplier;
            }
        }

        return weight.Columns % Activations.Group == 0 ? weight.Format.Multiplier(weight) : new FloatMultiplier(weight);
    }
}
