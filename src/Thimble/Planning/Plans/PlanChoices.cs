namespace Thimble.Planning;

/// <summary>A choice that a plan makes. A technique that costs something and gives something is a file in this folder that adds itself.</summary>
/// <param name="Order">When it is made; a choice sees those before it.</param>
/// <param name="Offers">The ways in which a plan may go on.</param>
internal sealed record PlanChoice(int Order, Func<Draft, Situation, IEnumerable<Draft>> Offers);

/// <summary>The choices that plans make, each added by its own file.</summary>
internal static class PlanChoices
{
    private static readonly SortedDictionary<int, PlanChoice> s_all = [];

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyCollection<PlanChoice> All => s_all.Values;

    /// <summary>Adds a choice. Its own file calls this when the assembly loads.</summary>
    public static void Add(int order, Func<Draft, Situation, IEnumerable<Draft>> offers) => s_all.Add(order, new(order, offers));
}

/// <summary>A plan in the making.</summary>
/// <param name="Plan">What has been chosen.</param>
internal sealed record Draft(Plan Plan)
{
    /// <summary>What kernels reach of their rates because of what was chosen.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Seconds that a token takes beside its computation.</summary>
    public double ExtraSecondsPerToken { get; init; }

    /// <summary>Tokens that a step verifies at once.</summary>
    public int Verified { get; init; } = 1;

    /// <summary>Tokens that a step gives.</summary>
    public double TokensPerStep { get; init; } = 1;

    /// <summary>Bytes of memory that choices take beside weights and cache.</summary>
    public double ExtraBytes { get; init; }

    /// <summary>The same with a reason more.</summary>
    public Draft Because(string reason) => this with { Plan = Plan with { Reasons = [.. Plan.Reasons, reason] } };
}
