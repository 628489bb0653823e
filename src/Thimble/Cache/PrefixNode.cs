using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Cache;

/// <summary>One block of tokens that follows the blocks above it, and what the model keeps of it.</summary>
internal sealed class PrefixNode
{
    /// <summary>The block, shape [<see cref="KeyValueStore.PageTokens"/>]; a root's is meaningless.</summary>
    public int[] Tokens { get; } = new int[KeyValueStore.PageTokens];

    /// <summary>How many of its tokens there are: fewer than a block at the end of a text.</summary>
    public int Count { get; set; } = KeyValueStore.PageTokens;

    /// <summary>The block before it; null for a root.</summary>
    public PrefixNode? Parent { get; set; }

    /// <summary>Whose it is.</summary>
    public PrefixOwner? Owner { get; set; }

    /// <summary>The adapters that its tokens went through; null for none.</summary>
    public AdaptationSet? Adapters { get; set; }

    /// <summary>Of the tokens.</summary>
    public ulong Hash { get; set; }

    /// <summary>Blocks from the beginning of the text to its end.</summary>
    public int Depth { get; set; }

    /// <summary>Whether what the model keeps of it is here.</summary>
    public bool IsFilled { get; set; }

    /// <summary>Its keys and values; −1 for none.</summary>
    public int Page { get; set; } = -1;

    /// <summary>The recurrent states after it; null where nobody stopped there, or there are none.</summary>
    public float[]? Recurrent { get; set; }

    /// <summary>Whether its text was declared public, so that it stays known when it is emptied.</summary>
    public bool IsDeclared { get; set; }

    /// <summary>Running sequences that go through it.</summary>
    public int Holds { get; set; }

    /// <summary>Blocks right below it, grafted roots included.</summary>
    public int Children { get; set; }

    /// <summary>Those of them that are filled or lead to filled ones.</summary>
    public int Filled { get; set; }

    /// <summary>The latest of the blocks right below it.</summary>
    public PrefixNode? Newest { get; set; }

    /// <summary>The blocks beside it under the same parent.</summary>
    public PrefixNode? Before { get; set; }

    /// <summary>Likewise.</summary>
    public PrefixNode? After { get; set; }

    /// <summary>In the order of use of its owner's blocks, the one used just before.</summary>
    public PrefixNode? Older { get; set; }

    /// <summary>Likewise, just after.</summary>
    public PrefixNode? Newer { get; set; }

    /// <summary>Whether it may be emptied: nothing runs through it and nothing filled lies below.</summary>
    public bool IsIdleLeaf => IsFilled && Holds == 0 && Filled == 0;

    /// <summary>Puts it right below another.</summary>
    public void AttachTo(PrefixNode parent)
    {
        Parent = parent;
        Before = parent.Newest;
        if (Before is not null)
            Before.After = this;
        parent.Newest = this;
        parent.Children++;
    }

    /// <summary>Takes it away from its parent.</summary>
    public void Detach()
    {
        if (Before is not null)
            Before.After = After;
        if (After is not null)
            After.Before = Before;
        else
            Parent!.Newest = Before;
        Parent!.Children--;
        (Parent, Before, After) = (null, null, null);
    }
}
