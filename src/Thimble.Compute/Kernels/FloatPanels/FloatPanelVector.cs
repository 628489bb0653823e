using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of panels with one token: four registers of rows at a time, as fast as memory is read.</summary>
internal readonly unsafe ref struct FloatPanelVector<TFloats>(FloatPanelTask task) : IKernel
    where TFloats : struct, IPanelFloats
{
    private readonly FloatPanelTask _task = task;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        long bytes = (long)_task.X.Columns * TFloats.Bytes;
        int panels = _task.Scales.Length;
        float* sums = stackalloc float[2 * FloatPanels.Rows];
        fixed (float* x = _task.X.Values)
        {
            // Two registers of rows are a panel where registers are wide: then two panels are walked side by side.
            int step = TLane.Count == FloatPanels.Rows / 2 ? 2 : 1;
            for (int panel = 0; panel < panels; panel += step)
            {
                int next = Math.Min(panel + step - 1, panels - 1);
                byte* a = _task.Panels + (panel * bytes), b = _task.Panels + (next * bytes);
                TLane scaleA = TLane.Fill(_task.Scales[panel]), scaleB = TLane.Fill(_task.Scales[next]);
                if (step == 2)
                {
                    Four(a, b, scaleA, scaleB, x, sums, sums + FloatPanels.Rows);
                }
                else
                {
                    for (int row = 0; row < FloatPanels.Rows / 2; row += 2 * TLane.Count)
                        Four(a + (4 * row), a + (4 * (row + TLane.Count)), scaleA, scaleA, x, sums + row, sums + row + TLane.Count);
                }

                _task.Store(panel, 0, sums);
                if (next > panel)
                    _task.Store(next, 0, sums + FloatPanels.Rows);
            }
        }
    }

    /// <summary>Two registers of rows at each of two places.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Four<TLane>(byte* a, byte* b, TLane scaleA, TLane scaleB, float* x, float* sumsA, float* sumsB)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane lowA = TLane.Fill(0), highA = lowA, lowB = lowA, highB = lowA;
        for (int left = _task.X.Columns; left > 0; left -= FloatPanelTask.Block)
        {
            TLane partLowA = TLane.Fill(0), partHighA = partLowA, partLowB = partLowA, partHighB = partLowA;
            float* end = x + Math.Min(left, FloatPanelTask.Block);
            for (; x < end; x++, a += TFloats.Bytes, b += TFloats.Bytes)
            {
                TLane v = TLane.Fill(*x);
                partLowA = TLane.MultiplyAdd(TFloats.Low(a, scaleA), v, partLowA);
                partHighA = TLane.MultiplyAdd(TFloats.High(a, scaleA), v, partHighA);
                partLowB = TLane.MultiplyAdd(TFloats.Low(b, scaleB), v, partLowB);
                partHighB = TLane.MultiplyAdd(TFloats.High(b, scaleB), v, partHighB);
            }

            (lowA, highA, lowB, highB) = (lowA + partLowA, highA + partHighA, lowB + partLowB, highB + partHighB);
        }

        TLane.Store(lowA, ref *sumsA);
        TLane.Store(highA, ref sumsA[FloatPanels.Rows / 2]);
        TLane.Store(lowB, ref *sumsB);
        TLane.Store(highB, ref sumsB[FloatPanels.Rows / 2]);
    }
}
