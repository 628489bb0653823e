using Thimble.Compute.Memory;

namespace Thimble.Tests.Compute.Memory;

public class AllocationTests
{
    // Below, at and above the lengths at which the source of memory changes.
    private static readonly int[] s_lengths = [0, 1, 63, 64, 4096, (32 << 10) - 1, 32 << 10, (32 << 10) + 1, 1 << 20, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 33 << 20];

    [Fact]
    public void Memory_is_zero_and_aligned_and_all_of_it_can_be_written()
    {
        for (int round = 0; round < 3; round++)
        {
            foreach (int length in s_lengths)
            {
                using var memory = new Allocation(length);
                Assert.Equal(0, memory.DangerousGetHandle() % Allocation.Alignment);
                Assert.False(memory.Slice(0, length).ContainsAnyExcept((byte)0), $"{length} bytes are not zero in round {round}.");
                memory.Slice(0, length).Fill(255);
            }
        }
    }

    [Fact]
    public void Requests_side_by_side_do_not_overlap()
    {
        Allocation[] all = [.. Enumerable.Range(0, 200).Select(i => new Allocation((32 << 10) + (i * 997)))];
        for (int i = 0; i < all.Length; i++)
            all[i].Slice(0, (int)all[i].Length).Fill((byte)i);
        for (int i = 0; i < all.Length; i++)
            Assert.False(all[i].Slice(0, (int)all[i].Length).ContainsAnyExcept((byte)i));
        foreach (Allocation one in all)
            one.Dispose();
    }
}
