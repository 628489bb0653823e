using System.Numerics;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>The merges of a byte-pair tokenizer: what a pair of symbols becomes, and in which order.</summary>
/// <remarks>Symbols are tokens, or stand-ins for strings that some merge makes though the vocabulary lacks them.</remarks>
internal sealed class MergeRanks
{
    public const string Key = "tokenizer.ggml.merges";
    private readonly ulong[] _pairs;   // left + 1 << 32 | right; 0 is free
    private readonly (int Rank, int Id)[] _merges;
    private readonly int _shift;

    private MergeRanks(int capacity)
    {
        int slots = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * capacity));
        (_pairs, _merges, _shift) = (new ulong[slots], new (int, int)[slots], 64 - BitOperations.Log2((uint)slots));
    }

    /// <summary>Reads the merges.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="symbol">Finds the symbol of a part of an array: both halves of a merge, and what they make.</param>
    /// <exception cref="InvalidDataException">There are none, or one is not two parts with a space between.</exception>
    public static MergeRanks Read(Metadata metadata, Func<byte[], int, int, int> symbol)
    {
        byte[][] merges = (metadata.FindArray(Key) ?? throw Vocabulary.Missing(Key)).Bytes();
        var ranks = new MergeRanks(merges.Length);
        byte[] joined = new byte[64];
        for (int rank = 0; rank < merges.Length; rank++)
        {
            byte[] merge = merges[rank];
            // A part may begin with a space of its own.
            int space = merge.Length < 3 ? -1 : merge.AsSpan(1).IndexOf((byte)' ') + 1;
            if (space < 1 || space == merge.Length - 1)
                throw new InvalidDataException($"Metadata key '{Key}' has '{System.Text.Encoding.UTF8.GetString(merge)}' as entry {rank}; expected two parts with a space between.");

            int left = symbol(merge, 0, space), right = symbol(merge, space + 1, merge.Length);
            if (joined.Length < merge.Length)
                joined = new byte[2 * merge.Length];
            merge.AsSpan(0, space).CopyTo(joined);
            merge.AsSpan(space + 1).CopyTo(joined.AsSpan(space));
            ranks.Add(left, right, rank, symbol(joined, 0, merge.Length - 1));
        }

        return ranks;
    }

    public bool Find(int left, int right, out uint rank, out int id)
    {
        int slot = Probe(Pair(left, right));
        (int found, id) = _merges[slot];
        rank = (uint)found;
        return _pairs[slot] != 0;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)right;

    private void Add(int left, int right, int rank, int id)
    {
        int slot = Probe(Pair(left, right));
        if (_pairs[slot] != 0)
            return;   // the first of equal merges counts

        _pairs[slot] = Pair(left, right);
        _merges[slot] = (rank, id);
    }

    private int Probe(ulong pair)
    {
        ulong[] pairs = _pairs;
        int mask = pairs.Length - 1, slot = (int)((pair * 0x9E3779B97F4A7C15) >> _shift) & mask;
        while (pairs[slot] != 0 && pairs[slot] != pair)
            slot = (slot + 1) & mask;
        return slot;
    }
}
