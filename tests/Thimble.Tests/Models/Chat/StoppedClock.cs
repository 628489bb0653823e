namespace Thimble.Tests.Models.Chat;

/// <summary>A clock that always shows the third of February 2026, 04:05:06.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
}
