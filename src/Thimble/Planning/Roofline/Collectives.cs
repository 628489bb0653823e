using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>How long machines on a ring take to exchange what they have.</summary>
/// <remarks>A start, a link's latency for each hop, and each machine's part of the bytes for each hop; an all-reduce goes round twice.</remarks>
internal static class Collectives
{
    /// <summary>Every machine gets the sum.</summary>
    public const string AllReduce = "all-reduce";

    /// <summary>Every machine gets all parts.</summary>
    public const string AllGather = "all-gather";

    /// <summary>Every machine gets a part of every other's.</summary>
    public const string AllToAll = "all-to-all";

    /// <summary>One machine gets another's.</summary>
    public const string Pass = "pass";

    private const double Start = 5e-6, PassStart = 4.2e-6;

    /// <summary>Seconds of an exchange.</summary>
    /// <param name="collective">The exchange.</param>
    /// <param name="bytesPerSecond">Of a link.</param>
    /// <param name="latencySeconds">Of a link.</param>
    public static double Seconds(Collective collective, double bytesPerSecond, double latencySeconds)
    {
        if (collective.Bytes == 0)
            return 0;
        if (collective.Pattern == Pass)
            return PassStart + latencySeconds + (collective.Bytes / bytesPerSecond);
        int hops = (collective.Pattern == AllReduce ? 2 : 1) * (collective.Nodes - 1);
        return hops == 0 ? 0 : Start + (hops * latencySeconds) + (hops * (collective.Bytes / collective.Nodes) / bytesPerSecond);
    }
}
