namespace Thimble.Compute.Threads;

/// <summary>Work that splits into shares, one for each member of a <see cref="Team"/>.</summary>
internal interface ITeamWork
{
    /// <summary>Does one share. Shares run at the same time and may not write to the same bytes.</summary>
    /// <param name="member">Whose share, in [0, members).</param>
    /// <param name="members">How many shares there are.</param>
    void Run(int member, int members);
}
