using System.Runtime.Versioning;

namespace Thimble.Compute.Memory;

/// <summary>Requests too small for a large page of their own, side by side on large pages.</summary>
/// <remarks>The weights of a small model are a few hundred KiB each; one after the other they stream like one large weight.
/// Room is used once, so it is always zero; a slab goes back when all that was cut from it has.</remarks>
[SupportedOSPlatform("linux")]
internal static unsafe class Slabs
{
    private const int Length = 32 << 20;

    private static readonly Lock s_gate = new();
    private static readonly List<Slab> s_slabs = [];

    /// <summary>Zeroed memory, aligned at 64 bytes.</summary>
    /// <param name="length">Bytes, at most <see cref="Pages.Huge"/>.</param>
    public static byte* Take(int length)
    {
        length = (length + 63) / 64 * 64;
        lock (s_gate)
        {
            if (s_slabs.Count == 0 || s_slabs[^1].Used + length > Length)
                s_slabs.Add(new Slab(Pages.Map(Length)));

            Slab slab = s_slabs[^1];
            byte* start = slab.Start + slab.Used;
            slab.Used += length;
            slab.Live++;
            return start;
        }
    }

    /// <summary>Gives memory back.</summary>
    public static void Return(byte* start)
    {
        lock (s_gate)
        {
            int i = s_slabs.FindIndex(slab => start >= slab.Start && start < slab.Start + Length);
            if (--s_slabs[i].Live > 0)
                return;

            Pages.Unmap(s_slabs[i].Start, Length);
            s_slabs.RemoveAt(i);
        }
    }

    private sealed class Slab(byte* start)
    {
        public byte* Start { get; } = start;

        public int Used { get; set; }

        public int Live { get; set; }
    }
}
