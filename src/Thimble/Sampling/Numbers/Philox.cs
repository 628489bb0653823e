namespace Thimble.Sampling;

/// <summary>Random numbers by number: the draw for a position is a function of the seed and the position, and of nothing else.</summary>
/// <remarks>
/// <para>No state walks along, so a batch, a rollback or another machine cannot change what a token draws.</para>
/// <para>Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, section 3.3 (Philox4x32-10).</para>
/// </remarks>
internal static class Philox
{
    private const int Rounds = 10;

    /// <summary>The four words of a counter under a key.</summary>
    /// <param name="counter">The counter, lowest word first.</param>
    /// <param name="key">The key, lowest word in the low half.</param>
    public static (uint A, uint B, uint C, uint D) Words((uint A, uint B, uint C, uint D) counter, ulong key)
    {
        (uint a, uint b, uint c, uint d) = counter;
        uint low = (uint)key, high = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = 0xD2511F53UL * a, second = 0xCD9E8D57UL * c;
            (a, b, c, d) = ((uint)(second >> 32) ^ b ^ low, (uint)second, (uint)(first >> 32) ^ d ^ high, (uint)first);
            low += 0x9E3779B9;    // the golden ratio
            high += 0xBB67AE85;   // the square root of three, less one
        }

        return (a, b, c, d);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    /// <param name="seed">Names the sequence.</param>
    /// <param name="position">Which generated token draws.</param>
    /// <param name="purpose">What it draws for; different purposes at one position are independent.</param>
    /// <param name="number">Which of a purpose's numbers, where it needs several.</param>
    public static double Uniform(ulong seed, long position, DrawPurpose purpose, int number = 0)
    {
        (uint a, uint b, _, _) = Words(((uint)position, (uint)((ulong)position >> 32), (uint)purpose, (uint)number), seed);
        return ((((ulong)a << 32) | b) >> 11) * (1.0 / (1UL << 53));
    }
}
