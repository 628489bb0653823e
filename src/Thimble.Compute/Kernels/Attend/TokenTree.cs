using System.Runtime.InteropServices;

namespace Thimble.Compute.Kernels;

/// <summary>New tokens of a step that continue a sequence along several branches: each sees all that came before the tree, its
/// ancestors and itself.</summary>
/// <remarks>Source: Miao et al., "SpecInfer", 2023, section 4.2 (tree attention).</remarks>
internal sealed class TokenTree
{
    private readonly List<(int Parent, int Depth)> _tokens = [];

    /// <summary>A tree without tokens.</summary>
    public TokenTree()
    {
    }

    /// <summary>A tree.</summary>
    /// <param name="parents">Each token's parent by its place in the tree, −1 for one that follows the sequence itself; parents come first.</param>
    /// <exception cref="ArgumentException">There is no token, or a parent does not come before its child.</exception>
    public TokenTree(ReadOnlySpan<int> parents)
    {
        if (parents.IsEmpty)
            throw new ArgumentException("A tree has 0 tokens; expected at least 1.", nameof(parents));
        foreach (int parent in parents)
            Add(parent);
    }

    /// <summary>Tokens.</summary>
    public int Count => _tokens.Count;

    /// <summary>How many of its ancestors are in the tree.</summary>
    public int Depth(int token) => _tokens[token].Depth;

    /// <summary>The token that it follows; −1 for one that follows the sequence itself.</summary>
    public int Parent(int token) => _tokens[token].Parent;

    /// <summary>Forgets all tokens; the room for them stays.</summary>
    public void Clear() => _tokens.Clear();

    /// <summary>Adds a token.</summary>
    /// <param name="parent">The token that it follows; −1 for the sequence itself.</param>
    /// <exception cref="ArgumentException">There is no such token yet.</exception>
    public void Add(int parent)
    {
        int token = Count;
        if (parent < -1 || parent >= token)
            throw new ArgumentException($"The parent of token {token} is {parent}; expected −1 to {token - 1}: parents come first.", nameof(parent));
        _tokens.Add((parent, parent < 0 ? 0 : _tokens[parent].Depth + 1));
    }

    /// <summary>Whether a token sees another of the tree.</summary>
    public bool Sees(int token, int other)
    {
        Span<(int Parent, int Depth)> tokens = CollectionsMarshal.AsSpan(_tokens);
        while (token > other)
            token = tokens[token].Parent;
        return token == other;
    }
}
