namespace Thimble.Models.Files;

/// <summary>Where the whole numbers of a quantised matrix lie in their words of 32 bits.</summary>
internal interface IPacking
{
    /// <summary>The number at a place.</summary>
    int Quant(int row, int column);

    /// <summary>The number that stands for 0 in a row of a group.</summary>
    int Zero(int group, int row);
}
