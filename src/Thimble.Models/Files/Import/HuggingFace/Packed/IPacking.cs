namespace Thimble.Models.Files;

/// <summary>Where the whole numbers of a quantised matrix lie in their words of 32 bits.</summary>
internal interface IPacking
{
    /// <summary>The numbers of neighbouring rows.</summary>
    /// <param name="first">The first row, a multiple of 8.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="into">Receives them, shape [count, columns].</param>
    void Rows(int first, int count, Span<byte> into);

    /// <summary>The number that stands for 0 in a row of a group.</summary>
    int Zero(int group, int row);
}
