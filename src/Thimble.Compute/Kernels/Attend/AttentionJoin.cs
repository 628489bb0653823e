using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Merges the parts of a head's rows, chunk by chunk in order: the bits are those of one pass over all keys.</summary>
/// <param name="head">The head whose parts were wanted, over all chunks.</param>
internal readonly ref struct AttentionJoin(AttentionHead head) : IKernel
{
    private readonly AttentionHead _head = head;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int size = _head.Store.Shape(_head.Layer).ValueSize;
        for (int row = 0; row < _head.Rows; row++)
        {
            var all = new PartialAttention(_head.Target(row, size));
            float peak = float.NegativeInfinity;
            for (int chunk = _head.FirstChunk; chunk < _head.EndChunk; chunk++)
            {
                Span<float> kept = _head.Parts[chunk, row];
                all.Merge<TLane>(new PartialAttention(kept[AttentionParts.Heading..]) { Max = kept[0], Sum = kept[1] });
                peak = MathF.Max(peak, kept[2]);
            }

            if (_head.Rule.Sinks is { } sinks)
                all.Sink<TLane>(sinks[_head.HeadOf(row)]);
            all.Finish<TLane>();
            if (!_head.Peaks.IsEmpty)
                _head.Peaks[row] = peak;
        }
    }
}
