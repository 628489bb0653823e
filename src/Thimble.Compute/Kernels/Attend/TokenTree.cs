namespace Thimble.Compute.Kernels;

/// <summary>New tokens of a step that continue a sequence along several branches: each sees all that came before the step, its
/// ancestors and itself.</summary>
/// <remarks>Source: Miao et al., "SpecInfer", 2023, section 4.2 (tree attention).</remarks>
internal sealed class TokenTree
{
    private readonly int[] _depths;
    private readonly ulong[] _seen;   // [tokens, words]
    private readonly int _words;

    /// <summary>A tree.</summary>
    /// <param name="parents">Each token's parent by its place in the step, −1 for one that follows the sequence itself; parents come first.</param>
    /// <exception cref="ArgumentException">There is no token, or a parent does not come before its child.</exception>
    public TokenTree(ReadOnlySpan<int> parents)
    {
        if (parents.IsEmpty)
            throw new ArgumentException("A tree has 0 tokens; expected at least 1.", nameof(parents));

        _words = (parents.Length + 63) / 64;
        _depths = new int[parents.Length];
        _seen = new ulong[parents.Length * _words];
        for (int i = 0; i < parents.Length; i++)
        {
            int parent = parents[i];
            if (parent < -1 || parent >= i)
                throw new ArgumentException($"The parent of token {i} is {parent}; expected −1 to {i - 1}: parents come first.", nameof(parents));

            if (parent >= 0)
            {
                _depths[i] = _depths[parent] + 1;
                _seen.AsSpan(parent * _words, _words).CopyTo(_seen.AsSpan(i * _words));
            }

            _seen[(i * _words) + (i / 64)] |= 1UL << (i % 64);
        }
    }

    /// <summary>Tokens.</summary>
    public int Count => _depths.Length;

    /// <summary>How many of its ancestors are in the step.</summary>
    public int Depth(int token) => _depths[token];

    /// <summary>Whether a token sees another of the step.</summary>
    public bool Sees(int token, int other) => (_seen[(token * _words) + (other / 64)] >> (other % 64) & 1) != 0;
}
