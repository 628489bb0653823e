namespace Thimble.Compute.Memory;

/// <summary>Bytes outside the managed heap, read only, of any length, kept alive by their owner.</summary>
internal readonly unsafe struct Region
{
    private readonly byte* _start;
    private readonly IRegionOwner? _owner;

    /// <summary>A region of an owner's memory.</summary>
    public Region(byte* start, long length, IRegionOwner owner)
    {
        _start = start;
        _owner = owner;
        Length = length;
    }

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Who holds the memory.</summary>
    public IRegionOwner Owner => _owner!;

    /// <summary>First byte; the region's owner must be kept alive while it is used.</summary>
    public byte* Start => _start;

    /// <summary>A part of this region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches outside.</exception>
    public Region Part(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return new(_start + offset, length, _owner!);
    }

    /// <summary>Up to 2 GiB of this region as a span, after asking the owner whether the bytes are still there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slice reaches outside.</exception>
    /// <exception cref="InvalidDataException">The file behind the region has shrunk since it was opened.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        Region part = Part(offset, length);
        _owner?.Check();
        return new(part._start, length);
    }

    /// <summary>Says that the bytes will hardly be read again, so that their owner may give memory back; they stay readable.</summary>
    public void Release() => _owner?.Release(this);

    /// <summary>Throws if the bytes are no longer there.</summary>
    /// <exception cref="InvalidDataException">The file behind the region has shrunk since it was opened.</exception>
    public void Check() => _owner?.Check();
}

/// <summary>What holds the memory of a <see cref="Region"/>.</summary>
internal interface IRegionOwner
{
    /// <summary>Throws if the memory can no longer be read.</summary>
    void Check();

    /// <summary>Gives back what memory it can of a region that will hardly be read again.</summary>
    void Release(Region region)
    {
    }
}
