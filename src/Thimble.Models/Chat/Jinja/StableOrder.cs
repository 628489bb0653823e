namespace Thimble.Models.Chat;

/// <summary>Merge sort that keeps equals in their places and lets the faults of a comparison through as they are, which LINQ wraps.</summary>
internal static class StableOrder
{
    /// <summary>Sorts by keys; reversed, equals still keep their places, as in Python.</summary>
    public static List<T> By<T>(List<T> items, Func<T, JinjaValue> key, bool isReversed, Rendering rendering)
    {
        (T Item, JinjaValue Key)[] from = [.. items.Select(item => (item, key(item)))], to = [.. from];
        for (int width = 1; width < from.Length; width *= 2)
        {
            for (int start = 0; start < from.Length; start += 2 * width)
                Merge(from, to, start, width);
            (from, to) = (to, from);
        }
        return [.. from.Select(entry => entry.Item)];

        void Merge((T Item, JinjaValue Key)[] source, (T Item, JinjaValue Key)[] target, int start, int width)
        {
            int left = start, middle = Math.Min(start + width, source.Length), right = middle, end = Math.Min(middle + width, source.Length);
            for (int i = start; i < end; i++)
            {
                bool takesLeft = right == end || (left < middle && !IsBefore(source[right].Key, source[left].Key));
                target[i] = source[takesLeft ? left++ : right++];
            }
        }

        bool IsBefore(JinjaValue a, JinjaValue b) => Comparing.Order(a, b, rendering) is var order && (isReversed ? order > 0 : order < 0);
    }
}
