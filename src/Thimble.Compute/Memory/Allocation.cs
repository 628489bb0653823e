using System.Runtime.InteropServices;

namespace Thimble.Compute.Memory;

/// <summary>Zeroed native memory, aligned to a cache line or a page, freed when disposed or collected.</summary>
internal sealed unsafe class Allocation : SafeHandle, IRegionOwner
{
    /// <summary>Bytes at which every allocation is aligned at least.</summary>
    public const int Alignment = 64;

    /// <summary>Reserves memory.</summary>
    /// <param name="length">Bytes.</param>
    /// <exception cref="OutOfMemoryException">The machine has not that much.</exception>
    public Allocation(long length)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        handle = (nint)Pages.Take(Math.Max(length, 1));
    }

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>First byte.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>All of it, to be read.</summary>
    public Region Region => new(Start, Length, this);

    /// <summary>Up to 2 GiB of it, to be written.</summary>
    public Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return new(Start + offset, length);
    }

    /// <summary>All of it as floats, where that is under 2 Gi of them.</summary>
    public Span<float> Floats => new(Start, checked((int)(Length / sizeof(float))));

    /// <inheritdoc />
    public void Check() => ObjectDisposedException.ThrowIf(IsClosed, this);

    protected override bool ReleaseHandle()
    {
        Pages.Return((byte*)handle, Math.Max(Length, 1));
        return true;
    }
}
