namespace Thimble;

/// <summary>Something is too large for the room there is; the message says how much is needed, how much there is, and what helps.</summary>
/// <param name="message">What, needed, available, remedy.</param>
/// <param name="needed">How much is needed, in the unit the message names.</param>
/// <param name="available">How much there is, in the same unit.</param>
public sealed class CapacityException(string message, long needed, long available) : Exception(message)
{
    /// <summary>How much is needed.</summary>
    public long Needed { get; } = needed;

    /// <summary>How much there is.</summary>
    public long Available { get; } = available;
}
