namespace Thimble.Sampling;

/// <summary>The tokens a sampler has seen, oldest first: grows at the end, and can be cut back to what it was.</summary>
/// <param name="room">Tokens for which there is room at first; beyond them it doubles.</param>
internal sealed class TokenHistory(int room)
{
    private int[] _tokens = new int[Math.Max(room, 16)];

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>All of them, oldest first, shape [<see cref="Length"/>].</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Adds tokens at the end.</summary>
    public void Add(params ReadOnlySpan<int> tokens)
    {
        if (Length + tokens.Length > _tokens.Length)
            Array.Resize(ref _tokens, Math.Max(_tokens.Length * 2, Length + tokens.Length));
        tokens.CopyTo(_tokens.AsSpan(Length));
        Length += tokens.Length;
    }

    /// <summary>Forgets all but the oldest tokens.</summary>
    public void CutTo(int length) => Length = length;

    /// <summary>A number that two histories of different tokens share once in 2⁶⁴ times.</summary>
    public ulong Fingerprint(int length)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (int token in _tokens.AsSpan(0, length))
            hash = (hash ^ (uint)token) * 0x9E3779B97F4A7C15 ^ (hash >> 29);
        return hash;
    }
}
