namespace Thimble.Sampling;

/// <summary>The greatest values of a list without sorting the rest; of equal values the one with the lower id comes first.</summary>
/// <remarks>Cost: one comparison a value plus a sift of log k steps for each that enters, about k · ln(n / k) of them in a list
/// without order.</remarks>
internal static class Selection
{
    /// <summary>Brings the k greatest values to the front, greatest first; the others follow in no order.</summary>
    /// <param name="values">Values, shape [count]; permuted.</param>
    /// <param name="ids">Their ids, shape [count], all different; permuted alike.</param>
    /// <param name="k">How many, in [0, count].</param>
    public static void Top(Span<float> values, Span<int> ids, int k)
    {
        if (k == 0)
            return;

        // The first k places are a heap with the worst kept value at its root.
        Span<float> heap = values[..k];
        Span<int> names = ids[..k];
        for (int i = (k / 2) - 1; i >= 0; i--)
            Sift(heap, names, i);

        for (int i = k; i < values.Length; i++)
        {
            if (values[i] < heap[0] || (values[i] == heap[0] && ids[i] > names[0]))
                continue;

            (values[i], heap[0]) = (heap[0], values[i]);
            (ids[i], names[0]) = (names[0], ids[i]);
            Sift(heap, names, 0);
        }

        for (int end = k - 1; end > 0; end--)
        {
            (heap[0], heap[end]) = (heap[end], heap[0]);
            (names[0], names[end]) = (names[end], names[0]);
            Sift(heap[..end], names[..end], 0);
        }
    }

    private static void Sift(Span<float> values, Span<int> ids, int at)
    {
        for (int child = (2 * at) + 1; child < values.Length; child = (2 * at) + 1)
        {
            if (child + 1 < values.Length && IsWorse(values, ids, child + 1, child))
                child++;
            if (!IsWorse(values, ids, child, at))
                return;

            (values[at], values[child]) = (values[child], values[at]);
            (ids[at], ids[child]) = (ids[child], ids[at]);
            at = child;
        }
    }

    private static bool IsWorse(ReadOnlySpan<float> values, ReadOnlySpan<int> ids, int i, int j) =>
        values[i] < values[j] || (values[i] == values[j] && ids[i] > ids[j]);
}
