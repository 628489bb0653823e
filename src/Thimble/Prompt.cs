using Thimble.Models.Blocks;

namespace Thimble;

/// <summary>A text as a model reads it: tokens, and images where they stand among them.</summary>
public sealed class Prompt
{
    private readonly int[] _ids;

    /// <summary>A text.</summary>
    /// <param name="tokens">Its tokens.</param>
    public Prompt(ReadOnlySpan<int> tokens)
        : this(tokens.ToArray(), new())
    {
    }

    internal Prompt(int[] ids, Inserts inserts)
    {
        (_ids, Inserts) = (ids, inserts);
    }

    /// <summary>Tokens, and vectors of images.</summary>
    public int Length => _ids.Length;

    /// <summary>Ids, below 0 where an image stands.</summary>
    internal ReadOnlySpan<int> Ids => _ids;

    /// <summary>The images' vectors in their places.</summary>
    internal Inserts Inserts { get; }
}
