using System.Runtime.InteropServices;

namespace Thimble.Compute.Memory;

/// <summary>Scratch memory that is rented in order and given back all at once: after warm-up it allocates nothing.</summary>
/// <remarks>Not for several threads. What it lends is <b>not</b> cleared.</remarks>
internal sealed class Arena : IDisposable
{
    private const int FirstChunk = 1 << 20;

    private readonly List<Allocation> _chunks = [];
    private int _chunk;     // the one now lending
    private long _used;     // bytes of it

    /// <summary>The most bytes it ever lent at one time.</summary>
    public long HighWater { get; private set; }

    /// <summary>Borrows room for values.</summary>
    /// <param name="length">Values.</param>
    /// <returns>Uncleared memory, aligned at 64 bytes, valid until the mark before it is released.</returns>
    public unsafe Span<T> Rent<T>(int length)
        where T : unmanaged
    {
        long bytes = (((long)length * sizeof(T)) + Allocation.Alignment - 1) / Allocation.Alignment * Allocation.Alignment;
        while (_chunk < _chunks.Count && _chunks[_chunk].Length - _used < bytes)
        {
            _chunk++;
            _used = 0;
        }

        if (_chunk == _chunks.Count)
            _chunks.Add(new Allocation(Math.Max(bytes, (long)FirstChunk << Math.Min(_chunk, 10))));

        var rented = new Span<T>(_chunks[_chunk].Start + _used, length);
        _used += bytes;
        HighWater = Math.Max(HighWater, Total());
        return rented;
    }

    /// <summary>Borrows an uncleared matrix.</summary>
    public Matrix Rent(int rows, int columns) => new(Rent<float>(checked(rows * columns)), columns);

    /// <summary>Borrows an uncleared matrix that a class may hold on to until the mark before it is released.</summary>
    public Loan Lend(int rows, int columns) => new(Rent(rows, columns));

    /// <summary>Where the arena stands; dispose it to give back all that was rented since.</summary>
    public Scope Mark() => new(this);

    /// <summary>Gives back everything.</summary>
    public void Reset() => (_chunk, _used) = (0, 0);

    /// <summary>Frees all memory.</summary>
    public void Dispose()
    {
        foreach (Allocation chunk in CollectionsMarshal.AsSpan(_chunks))
            chunk.Dispose();
        _chunks.Clear();
        (_chunk, _used) = (0, 0);
    }

    private long Total()
    {
        long total = _used;
        for (int i = 0; i < _chunk; i++)
            total += _chunks[i].Length;
        return total;
    }

    /// <summary>Everything rented since a mark.</summary>
    internal readonly ref struct Scope(Arena arena)
    {
        private readonly Arena _arena = arena;
        private readonly int _chunk = arena._chunk;
        private readonly long _used = arena._used;

        public void Dispose() => (_arena._chunk, _arena._used) = (_chunk, _used);
    }
}
