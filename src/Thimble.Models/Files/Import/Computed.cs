using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Tensors whose bytes an importer computes when they are first asked for, and lets go with their last reader.</summary>
internal static class Computed
{
    /// <summary>A tensor computed on demand.</summary>
    /// <param name="name">GGUF's name for it.</param>
    /// <param name="format">How its values will be stored.</param>
    /// <param name="shape">Its shape, row length first.</param>
    /// <param name="fill">Writes all of it into zeroed memory.</param>
    /// <remarks>The memory is remembered weakly: a model at work keeps its weights alive and computes each once, while a
    /// conversion that reads tensor after tensor never holds them all.</remarks>
    public static StoredTensor Tensor(string name, BlockFormat format, long[] shape, Action<Allocation> fill)
    {
        var remembered = new WeakReference<Allocation>(null!);
        var gate = new Lock();
        long length = format.RowBytes(shape[0]);
        foreach (long size in shape.AsSpan(1))
            length = checked(length * size);

        return new(name, format, shape, () =>
        {
            lock (gate)
            {
                if (!remembered.TryGetTarget(out Allocation? memory))
                {
                    memory = new(length);
                    fill(memory);
                    remembered.SetTarget(memory);
                }

                return memory.Region;
            }
        });
    }
}
