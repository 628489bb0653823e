using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Scratch memory of one attention over a tile of query rows, in the nearest cache.</summary>
internal readonly unsafe struct AttentionTile
{
    /// <summary>Floats that any machine's register fits in.</summary>
    public const int Register = 16;

    private const int Page = KeyValueStore.PageTokens;

    /// <summary>Memory of this thread's own, uncleared, until the next tile or other scratch on it.</summary>
    public AttentionTile(int rows, HeadShape shape, bool branches = false)
    {
        long queries = Whole(rows * shape.KeySize), output = Whole(rows * shape.ValueSize), row = Whole(rows);
        long total = queries + output + ((long)rows * (Page + Register + (branches ? Page : 0))) + (5 * row) + ((long)Page * (shape.KeySize + shape.ValueSize));
        Queries = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Scratch.Floats(checked((int)total))));
        Scores = Queries + queries;
        Output = Scores + (rows * Page);
        Peaks = Output + output;
        Keep = Peaks + (rows * Register);
        Max = Keep + row;
        Sum = Max + row;
        AllMax = Sum + row;
        AllSum = AllMax + row;
        Keys = AllSum + row;
        Values = Keys + (Page * shape.KeySize);
        Branch = Values + (Page * shape.ValueSize);
    }

    /// <summary>Queries, shape [rows, key size].</summary>
    public float* Queries { get; }

    /// <summary>Scores, then weights, of a page, shape [rows, page].</summary>
    public float* Scores { get; }

    /// <summary>Attention over the chunk so far, shape [rows, value size].</summary>
    public float* Output { get; }

    /// <summary>A register for each row, for the softmax.</summary>
    public float* Peaks { get; }

    /// <summary>What of <see cref="Output"/> a page keeps, shape [rows].</summary>
    public float* Keep { get; }

    /// <summary>Greatest score of the chunk, shape [rows].</summary>
    public float* Max { get; }

    /// <summary>Sum of weights of the chunk, shape [rows].</summary>
    public float* Sum { get; }

    /// <summary>Greatest score of all chunks, shape [rows].</summary>
    public float* AllMax { get; }

    /// <summary>Sum of weights of all chunks, shape [rows].</summary>
    public float* AllSum { get; }

    /// <summary>A page's keys, widened, shape [key size, page].</summary>
    public float* Keys { get; }

    /// <summary>A page's values, widened, shape [page, value size].</summary>
    public float* Values { get; }

    /// <summary>Scores, then weights, of a page that holds each row's branch as if alone, shape [rows, page]; only where there are branches.</summary>
    public float* Branch { get; }

    private static long Whole(long floats) => (floats + Register - 1) / Register * Register;
}
