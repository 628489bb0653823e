namespace Thimble.Models.Architectures;

/// <summary>A small tensor, or a part of one, as a block holds it.</summary>
/// <param name="Name">Its name; of a part, the tensor's with the part's number.</param>
/// <param name="Values">The array that the block reads.</param>
/// <param name="Tensor">The tensor that it is of.</param>
/// <param name="Order">Where in the tensor each value stands; null for the same order from the first on.</param>
internal readonly record struct TakenVector(string Name, float[] Values, string Tensor, int[]? Order = null)
{
    /// <summary>Writes the values back to where the tensor's lie.</summary>
    public void CopyTo(Span<float> tensor)
    {
        if (Order is null)
        {
            Values.CopyTo(tensor);
            return;
        }

        for (int i = 0; i < Order.Length; i++)
            tensor[Order[i]] = Values[i];
    }
}
