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

    /// <summary>The importance, pulled halfway to its mean.</summary>
    /// <remarks>Where one choice serves many values (scale and offset of fine levels, or a lattice point with its signs), taking
    /// importance at its word gives up more at the unimportant values than it wins at the important ones.</remarks>
    public static ReadOnlySpan<float> Tempered(ReadOnlySpan<float> importance, Span<float> tempered)
    {
        if (importance.IsEmpty)
            return OrOnes(importance, tempered);

        float sum = 0;
        foreach (float weight in importance)
            sum += weight;
        for (int i = 0; i < importance.Length; i++)
            tempered[i] = (importance[i] + (sum / importance.Length)) / 2;
        return tempered;
    }
}
