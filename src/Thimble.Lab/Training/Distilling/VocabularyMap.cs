using System.Text;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>From one vocabulary to another, by the texts of their tokens.</summary>
/// <remarks>What a teacher gives a token, it gives the longest of the student's tokens that its text begins with: that is what the student
/// has to write first. Sequences meet wherever both have a token's end at the same byte.</remarks>
internal sealed class VocabularyMap
{
    private readonly Tokenizer _student, _teacher;
    private readonly int[] _map;

    private VocabularyMap(Tokenizer student, Tokenizer teacher, int[] map) => (_student, _teacher, _map) = (student, teacher, map);

    /// <summary>The map; null where both have the same tokens.</summary>
    public static VocabularyMap? Of(Tokenizer student, Tokenizer teacher)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < student.VocabularySize; id++)
            ids.TryAdd(Name(student, id), id);
        int[] map = new int[teacher.VocabularySize];
        for (int id = 0; id < map.Length; id++)
            map[id] = First(teacher, id, ids);
        if (teacher.EndOfText is { } theirs && student.EndOfText is { } ours)
            map[theirs] = ours;
        bool isSame = student.VocabularySize == teacher.VocabularySize && Enumerable.Range(0, map.Length).All(id => Name(student, id) == Name(teacher, id));
        return isSame ? null : new(student, teacher, map);
    }

    /// <summary>A teacher's distribution as one over the student's tokens.</summary>
    /// <param name="theirs">Shape [teacher's vocabulary]; may be longer than its tokenizer's.</param>
    /// <param name="ours">Receives it, shape [student's vocabulary].</param>
    public void Move(ReadOnlySpan<float> theirs, Span<float> ours)
    {
        ours.Clear();
        float sum = 0;
        for (int id = 0; id < Math.Min(_map.Length, theirs.Length); id++)
        {
            if (_map[id] < 0 || _map[id] >= ours.Length)
                continue;
            ours[_map[id]] += theirs[id];
            sum += theirs[id];
        }

        for (int id = 0; id < ours.Length; id++)
            ours[id] /= Math.Max(sum, Divergences.Least);
    }

    /// <summary>A student's sequence as the teacher's, and for each of its tokens the teacher's that ends where it does.</summary>
    /// <param name="tokens">The student's tokens.</param>
    /// <returns>The teacher's tokens, and places among them, −1 where none ends there.</returns>
    public (int[] Tokens, int[] Places) Follow(ReadOnlySpan<int> tokens)
    {
        (byte[] text, int[] ends) = Spell(_student, tokens);
        int[] theirs = _teacher.Encode(Encoding.UTF8.GetString(text), parseSpecial: true);
        (byte[] again, int[] theirEnds) = Spell(_teacher, theirs);
        int[] places = new int[tokens.Length];
        Array.Fill(places, -1);
        if (!again.AsSpan().SequenceEqual(text))
            return (theirs, places);   // such as text that ends within a character
        for (int i = 0, j = 0; i < places.Length; i++)
        {
            while (j < theirEnds.Length && theirEnds[j] < ends[i])
                j++;
            int last = j;
            while (last + 1 < theirEnds.Length && theirEnds[last + 1] == ends[i])
                last++;
            if (last < theirEnds.Length && theirEnds[last] == ends[i])
                places[i] = last;
        }

        return (theirs, places);
    }

    /// <summary>The bytes of tokens, without a space that only begins a text, and where each token ends.</summary>
    private static (byte[] Text, int[] Ends) Spell(Tokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        List<byte> text = [];
        int[] ends = new int[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            ReadOnlySpan<byte> piece = tokens[i] == tokenizer.BeginOfText ? default : tokenizer.Piece(tokens[i]);
            text.AddRange(text.Count == 0 && tokenizer.ShedsFirstSpace && piece.StartsWith((byte)' ') ? piece[1..] : piece);
            ends[i] = text.Count;
        }

        return ([.. text], ends);
    }

    private static int First(Tokenizer teacher, int id, Dictionary<string, int> ids)
    {
        string name = Name(teacher, id);
        if (ids.TryGetValue(name, out int same))
            return same;
        for (int length = teacher.Kind(id) is TokenKind.Control or TokenKind.Unknown ? 0 : name.Length - 1; length > 1; length--)
        {
            if (ids.TryGetValue(name[..length], out int first))
                return first;
        }

        return -1;
    }

    /// <summary>A token's bytes as characters, and before them whether it is text.</summary>
    private static string Name(Tokenizer tokenizer, int id) =>
        (tokenizer.Kind(id) is TokenKind.Control or TokenKind.Unknown or TokenKind.Unused ? "c" : "t") + Encoding.Latin1.GetString(tokenizer.Piece(id));
}
