namespace Thimble.Compute.Threads;

/// <summary>How a row of things is split among the members of a team.</summary>
internal static class Shares
{
    /// <summary>The contiguous part of [0, <paramref name="count"/>) that falls to one member.</summary>
    /// <param name="count">Things.</param>
    /// <param name="grain">Things that may not be parted, at least 1.</param>
    /// <param name="member">Whose share.</param>
    /// <param name="members">How many shares.</param>
    public static (int First, int End) Of(int count, int grain, int member, int members)
    {
        long grains = (count + grain - 1) / grain;
        int first = (int)(grains * member / members) * grain;
        int end = (int)(grains * (member + 1) / members) * grain;
        return (Math.Min(first, count), Math.Min(end, count));
    }
}
