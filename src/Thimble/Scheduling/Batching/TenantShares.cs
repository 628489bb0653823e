namespace Thimble.Scheduling;

/// <summary>How much each tenant has had of the model, so that the one that had least comes next.</summary>
/// <remarks>Start-time fair queueing: a tenant's time moves on by the rows computed for it; one that comes back after a pause begins at the
/// time of those that are there, so that pausing saves up nothing. Source: Goyal, Vin and Cheng, "Start-time Fair Queueing", 1996.</remarks>
internal sealed class TenantShares
{
    private const int Kept = 1024;

    private readonly Dictionary<string, TenantShare> _shares = new(StringComparer.Ordinal);
    private readonly List<string> _gone = [];
    private int _most = Kept;
    private long _now;   // the least time of those that are there, never going back

    /// <summary>Tenants that are remembered.</summary>
    public int Count => _shares.Count;

    /// <summary>A turn of a tenant arrives.</summary>
    public TenantShare Enter(string tenant)
    {
        if (!_shares.TryGetValue(tenant, out TenantShare? share))
            _shares.Add(tenant, share = new TenantShare());
        if (share.Turns == 0)
            share.Time = Math.Max(share.Time, Now());
        share.Turns++;
        return share;
    }

    /// <summary>A turn of a tenant ends.</summary>
    public void Leave(TenantShare share)
    {
        share.Turns--;
        if (_shares.Count > _most)
            Forget();
    }

    private long Now()
    {
        long least = long.MaxValue, greatest = _now;
        foreach (TenantShare share in _shares.Values)
        {
            least = share.Turns > 0 ? Math.Min(least, share.Time) : least;
            greatest = Math.Max(greatest, share.Time);
        }

        return _now = Math.Max(_now, least == long.MaxValue ? greatest : least);
    }

    /// <summary>Forgets those that are gone and have nothing to make up for.</summary>
    private void Forget()
    {
        long now = Now();
        _gone.Clear();
        foreach ((string tenant, TenantShare share) in _shares)
        {
            if (share.Turns == 0 && share.Time <= now)
                _gone.Add(tenant);
        }

        foreach (string tenant in _gone)
            _shares.Remove(tenant);
        _most = Math.Max(Kept, 2 * _shares.Count);
    }
}

/// <summary>What one tenant has had.</summary>
internal sealed class TenantShare
{
    /// <summary>Rows computed for it, and the time it missed.</summary>
    public long Time { get; set; }

    /// <summary>Its turns that wait or run.</summary>
    public int Turns { get; set; }
}
