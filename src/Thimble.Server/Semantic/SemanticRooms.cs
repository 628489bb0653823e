using Thimble.Library;
using Thimble.Scheduling;
using Thimble.Server.Access;
using Thimble.Server.Telemetry;

namespace Thimble.Server.Semantic;

/// <summary>The sessions of calls, by the model that they run on: each model has a <see cref="Parrot"/> while it has a session, and each session holds its model open.</summary>
internal sealed class SemanticRooms : IDisposable
{
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Model, Room> _rooms = [];
    private readonly Dictionary<string, (Room Room, ModelLease Lease)> _sessions = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Meters _meters;
    private readonly ITimer _timer;

    public SemanticRooms(TimeProvider time, ServerOptions options, Meters meters)
    {
        (_time, _meters) = (time, meters);
        Options = new() { MaxCallsOfTenant = 256, MaxSessions = 256, LongestPrompt = options.MaxPromptTokens ?? int.MaxValue };
        _timer = time.CreateTimer(_ => Sweep(), null, s_sweep, s_sweep);
    }

    /// <summary>How sessions run.</summary>
    public ParrotOptions Options { get; }

    /// <summary>Opens a session.</summary>
    /// <param name="lease">Its model's, which is the session's own from now on.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <exception cref="CapacityException">The tenant has as many as it may.</exception>
    public SemanticSession Open(ModelLease lease, Tenant tenant)
    {
        Room? room;
        lock (_lock)
        {
            if (!_rooms.TryGetValue(lease.Model, out room))
                _rooms.Add(lease.Model, room = new Room(lease.Model, new Parrot([lease.Model], Options, _time) { Ended = timings => _meters.Written(lease.Name, timings) }));
            room.Sessions++;
        }

        SemanticSession? session = null;
        try
        {
            session = room.Parrot.OpenSession(tenant.Name, tenant.Priority);
            lock (_lock)
                _sessions.Add(session.Id, (room, lease));
            session.Stop.Token.Register(() => Close(session.Id, room, lease));
            return session;
        }
        catch
        {
            if (session is null)
                Close("", room, lease);
            throw;
        }
    }

    /// <summary>A tenant's session and the lease on its model; null where there is none of that id.</summary>
    public (SemanticSession Session, ModelLease Lease, Parrot Parrot)? Find(string id, Tenant tenant)
    {
        (Room Room, ModelLease Lease) known;
        lock (_lock)
        {
            if (!_sessions.TryGetValue(id, out known))
                return null;
        }

        return known.Room.Parrot.FindSession(id, tenant.Name) is { } session ? (session, known.Lease, known.Room.Parrot) : null;
    }

    /// <summary>A tenant's variable; null where there is none of that id.</summary>
    public SemanticVariable? FindVariable(string id, Tenant tenant)
    {
        foreach (Room room in Rooms())
        {
            if (room.Parrot.FindVariable(id, tenant.Name) is { } variable)
                return variable;
        }

        return null;
    }

    /// <summary>Ends all sessions.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        foreach (Room room in Rooms())
            room.Parrot.Dispose();
    }

    /// <summary>Closes what nobody has used for long.</summary>
    internal void Sweep()
    {
        foreach (Room room in Rooms())
            room.Parrot.Sweep();
    }

    // Their own lock is never taken within this one: it is the other way about when a session ends.
    private Room[] Rooms()
    {
        lock (_lock)
            return [.. _rooms.Values];
    }

    private void Close(string id, Room room, ModelLease lease)
    {
        bool empty;
        lock (_lock)
        {
            _sessions.Remove(id);
            empty = --room.Sessions == 0;
            if (empty)
                _rooms.Remove(room.Model);
        }

        lease.Dispose();
        if (empty)
            room.Parrot.Dispose();
    }

    private sealed class Room(Model model, Parrot parrot)
    {
        public Model Model { get; } = model;

        public Parrot Parrot { get; } = parrot;

        /// <summary>Sessions that are open, or about to be.</summary>
        public int Sessions { get; set; }
    }
}
