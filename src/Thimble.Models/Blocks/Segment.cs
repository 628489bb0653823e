using Thimble.Compute.Kernels;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>The new tokens of one sequence within a pass: neighbouring rows.</summary>
/// <param name="State">What the model keeps of the sequence.</param>
/// <param name="First">The first of its rows.</param>
/// <param name="Count">Its rows, at least 1.</param>
internal readonly record struct Segment(SequenceState State, int First, int Count)
{
    /// <summary>The first new token's position in the sequence.</summary>
    public int Position => State.Length;

    /// <summary>Whether its keys were all there before: the run writes none.</summary>
    public bool Reads { get; init; }

    /// <summary>Keys there are for its tokens to see.</summary>
    public int Keys => Reads ? State.Length : State.Length + Count;

    /// <summary>The places in the sequence of rows that see one another, whichever comes first; null for none.</summary>
    public KeySpan[]? Mutual { get; init; }

    /// <summary>How its tokens branch, those of earlier runs that belong to the same tree first; null where each sees all before it.</summary>
    public TokenTree? Tree { get; init; }

    /// <summary>The position of the tree's first token.</summary>
    public int TreeStart => Tree is null ? State.Length : State.Length + Count - Tree.Count;
}
