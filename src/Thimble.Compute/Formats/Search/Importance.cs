namespace Thimble.Compute.Formats;

/// <summary>How much an error at each value matters.</summary>
internal static class Importance
{
    /// <summary>The importance given, or ones in <paramref name="ones"/> where all values matter alike.</summary>
    public static ReadOnlySpan<float> OrOnes(ReadOnlySpan<float> importance, Span<float> ones)
    {
        if (!importance.IsEmpty)
            return importance;

        ones.Fill(1);
        return ones;
    }
}
