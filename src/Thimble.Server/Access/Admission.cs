using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Thimble.Server.Http;

namespace Thimble.Server.Access;

/// <summary>Who may start now, who waits, and who is sent away: a bounded queue, and limits of each key.</summary>
internal sealed class Admission : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly ConcurrencyLimiter _places;
    private readonly PartitionedRateLimiter<string>? _rate, _perKey;
    private int _running, _waiting;

    public Admission(ServerOptions options)
    {
        _options = options;
        _places = new(new() { PermitLimit = options.MaxConcurrent, QueueLimit = options.MaxQueue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
        if (options.RequestsPerMinute is { } rate)
        {
            _rate = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
            {
                TokenLimit = rate,
                TokensPerPeriod = Math.Max(1, rate / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60d / rate)),
                QueueLimit = 0,
            }));
        }

        if (options.MaxConcurrentPerKey is { } most)
            _perKey = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetConcurrencyLimiter(key, _ => new() { PermitLimit = most, QueueLimit = 0 }));
    }

    /// <summary>Requests that compute now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests that wait for a place.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Counts a request against its key's rate.</summary>
    /// <exception cref="Rejection">The key has asked too often.</exception>
    public void Count(Tenant tenant)
    {
        using RateLimitLease? lease = _rate?.AttemptAcquire(tenant.Name);
        if (lease is null or { IsAcquired: true })
            return;
        TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromSeconds(Math.Max(1, 60d / _options.RequestsPerMinute!.Value));
        throw TooMany($"This key may ask {_options.RequestsPerMinute} times a minute.", wait, "rate_limit_exceeded");
    }

    /// <summary>Waits for a place.</summary>
    /// <returns>The place: dispose it when the answer is done.</returns>
    /// <exception cref="Rejection">The queue is full, or the key has as many requests running as it may.</exception>
    public async Task<IDisposable> EnterAsync(Tenant tenant, CancellationToken stop)
    {
        RateLimitLease? own = _perKey?.AttemptAcquire(tenant.Name);
        if (own is { IsAcquired: false })
        {
            own.Dispose();
            throw TooMany($"This key has {_options.MaxConcurrentPerKey} requests running, as many as it may.", TimeSpan.FromSeconds(1), "rate_limit_exceeded");
        }

        Interlocked.Increment(ref _waiting);
        try
        {
            RateLimitLease lease = await _places.AcquireAsync(1, stop).ConfigureAwait(false);
            if (!lease.IsAcquired)
            {
                lease.Dispose();
                throw TooMany($"{_options.MaxConcurrent} requests are running and {_options.MaxQueue} wait, as many as may.", TimeSpan.FromSeconds(5), "queue_full");
            }

            Interlocked.Increment(ref _running);
            var place = new Place(this, lease, own);
            own = null;
            return place;
        }
        finally
        {
            own?.Dispose();
            Interlocked.Decrement(ref _waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _places.DisposeAsync().ConfigureAwait(false);
        if (_rate is not null)
            await _rate.DisposeAsync().ConfigureAwait(false);
        if (_perKey is not null)
            await _perKey.DisposeAsync().ConfigureAwait(false);
    }

    private static Rejection TooMany(string message, TimeSpan wait, string code) =>
        new(StatusCodes.Status429TooManyRequests, Rejection.Rate, $"{message} Try again in {Math.Ceiling(wait.TotalSeconds)} s.") { RetryAfter = wait, Code = code };

    private sealed class Place(Admission admission, RateLimitLease lease, RateLimitLease? own) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref admission._running);
            lease.Dispose();
            own?.Dispose();
        }
    }
}
