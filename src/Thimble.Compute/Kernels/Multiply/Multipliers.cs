using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Who multiplies a weight: asked once, when it is opened.</summary>
internal static class Multipliers
{
    /// <summary>Weights below which a trial would cost more than its outcome can win back.</summary>
    private const long Tried = 1 << 22;

    private static readonly List<Func<Weight, Team, Multiplier?>> s_offers = [];
    private static readonly List<(Func<Weight, bool> Takes, Func<Weight, Team, Multiplier> Make)> s_rivals = [];
    private static readonly Dataflow s_choices = new();

    /// <summary>Adds an offer to multiply weights of some formats and shapes: null for those it does not take. Its own file calls this.</summary>
    public static void Add(Func<Weight, Team, Multiplier?> offer) => s_offers.Add(offer);

    /// <summary>Adds an offer that competes with the others. Its products must have the bits of theirs, since time alone decides.</summary>
    /// <param name="takes">Whether it takes a weight of this format and shape.</param>
    /// <param name="make">Packs one.</param>
    public static void AddRival(Func<Weight, bool> takes, Func<Weight, Team, Multiplier> make) => s_rivals.Add((takes, make));

    /// <summary>The multiplier for a weight.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="opening">What its opener asks for.</param>
    public static Multiplier For(Weight weight, Opening opening)
    {
        if (opening.Precision == Precision.Floats)
            return new FloatMultiplier(weight);

        return (opening.Packer is { } team ? Chosen(weight, team) : null)
            ?? (weight.Columns % Activations.Group == 0 ? weight.Format.Multiplier(weight) : new FloatMultiplier(weight));
    }

    /// <summary>The first offer's multiplier, rivals left aside.</summary>
    internal static Multiplier? Offered(Weight weight, Team team)
    {
        foreach (Func<Weight, Team, Multiplier?> offer in s_offers)
        {
            if (offer(weight, team) is { } multiplier)
                return multiplier;
        }

        return null;
    }

    /// <summary>A small weight goes to the first offer; of others a trial decides, held when this format and shape is first met.</summary>
    private static Multiplier? Chosen(Weight weight, Team team)
    {
        if ((long)weight.Rows * weight.Columns < Tried && Offered(weight, team) is { } offered)
            return offered;

        foreach ((Func<Weight, bool> takes, Func<Weight, Team, Multiplier> make) in s_rivals)
        {
            var shape = new ProductShape(weight.Format.Name, weight.Rows, weight.Columns, team.Size);
            if (takes(weight) && s_choices.Fastest(in shape, () => Trial.Of(weight, team, make)) == 0)
                return make(weight, team);
        }

        return Offered(weight, team);
    }
}
