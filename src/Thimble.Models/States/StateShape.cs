using Thimble.Compute.Memory;

namespace Thimble.Models.States;

/// <summary>What a mixer keeps of a sequence.</summary>
/// <param name="Keys">Keys and values of every token, if any.</param>
/// <param name="Floats">Floats of a recurrent state, the same for any length.</param>
internal readonly record struct StateShape(HeadShape? Keys, int Floats)
{
    /// <summary>Whether keys and values are asked for only within the run that writes them, so that mixers can keep them in one place.</summary>
    public bool Passing { get; init; }

    /// <summary>A recurrent state.</summary>
    public static StateShape Recurrent(int floats) => new(null, floats);

    /// <summary>Keys and values of every token.</summary>
    public static StateShape Attention(int heads, int keySize, int valueSize) => new(new HeadShape(heads, keySize, valueSize), 0);
}
