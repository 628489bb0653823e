using System.Buffers;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>A special token found in a text.</summary>
internal readonly record struct SpecialMatch(int Start, int Length, int Id);

/// <summary>Finds the special tokens written out in a text: the longer ones first, wherever they stand, and equals from the left.</summary>
internal sealed class SpecialTexts
{
    private readonly Trie _trie = new();
    private readonly SearchValues<byte> _firsts;
    private readonly HashSet<int> _stripsLeft = [], _stripsRight = [];

    private SpecialTexts(Vocabulary vocabulary, Func<TokenKind, bool> wanted)
    {
        var firsts = new HashSet<byte>();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (!wanted(vocabulary.Kind(id)))
                continue;

            _trie.Add(vocabulary.Texts[id], id);
            firsts.Add(vocabulary.Texts[id][0]);
        }

        _firsts = SearchValues.Create([.. firsts]);
    }

    /// <summary>Those split out of every text: the user-defined ones.</summary>
    public static SpecialTexts Always(Vocabulary vocabulary) => new(vocabulary, kind => kind == TokenKind.UserDefined);

    /// <summary>Those split out of a text whose writer may use special tokens.</summary>
    public static SpecialTexts All(Vocabulary vocabulary) =>
        new(vocabulary, kind => kind is TokenKind.UserDefined or TokenKind.Control or TokenKind.Unknown);

    /// <summary>Lets some tokens swallow the white space beside them, for which GGUF has no key.</summary>
    /// <remarks>Source: llama.cpp, which also tells these models by their names.</remarks>
    public void Strip(Metadata metadata, Vocabulary vocabulary)
    {
        string name = metadata.FindText("general.name") ?? "", pre = metadata.FindText("tokenizer.ggml.pre") ?? "";
        string architecture = metadata.FindText("general.architecture") ?? "";
        if (pre is "jina-v2-de" or "jina-v2-es" or "jina-v2-code" || architecture is "nomic-bert-moe" or "jina-bert-v3")
        {
            Add(_stripsLeft, "<mask>"u8);
        }
        else if (name.Contains("phi-3", StringComparison.OrdinalIgnoreCase) || name.Contains("phi3", StringComparison.OrdinalIgnoreCase))
        {
            for (int id = 0; id < vocabulary.Count; id++)
            {
                if (vocabulary.Kind(id) is TokenKind.Control or TokenKind.UserDefined or TokenKind.Unknown)
                    _stripsRight.Add(id);
            }

            _stripsRight.ExceptWith([vocabulary.Index.Find("<unk>"u8), vocabulary.Index.Find("<s>"u8), vocabulary.Index.Find("<|endoftext|>"u8)]);
        }
        else if (name.Contains("modern-bert", StringComparison.OrdinalIgnoreCase))
        {
            Add(_stripsLeft, "[MASK]"u8);
        }

        void Add(HashSet<int> set, ReadOnlySpan<byte> text)
        {
            if (vocabulary.Find(text) is { } id)
                set.Add(id);
        }
    }

    public bool StripsLeft(int id) => _stripsLeft.Contains(id);

    public bool StripsRight(int id) => _stripsRight.Contains(id);

    /// <summary>Finds all, in order and without overlap; <see langword="null"/> if there are none.</summary>
    public List<SpecialMatch>? Find(ReadOnlySpan<byte> text)
    {
        List<SpecialMatch>? found = null;
        bool overlap = false;
        int end = 0;
        for (int at = 0; !_trie.IsEmpty && at < text.Length; at++)
        {
            int next = text[at..].IndexOfAny(_firsts);
            if (next < 0)
                break;

            at += next;
            int length = _trie.Longest(text[at..], out int id);
            if (length == 0)
                continue;

            (found ??= []).Add(new(at, length, id));
            overlap |= at < end;
            end = Math.Max(end, at + length);
        }

        return overlap ? Resolve(text, found!) : found;
    }

    /// <summary>Of overlapping tokens the longest stay, and the others shrink to shorter ones that still fit.</summary>
    private List<SpecialMatch> Resolve(ReadOnlySpan<byte> text, List<SpecialMatch> found)
    {
        var byLength = new SortedDictionary<int, List<SpecialMatch>>(Comparer<int>.Create((a, b) => b.CompareTo(a)));
        foreach (SpecialMatch match in found)
            Queue(match);

        bool[] taken = new bool[text.Length];
        var kept = new List<SpecialMatch>();
        while (byLength.Count > 0)
        {
            (int length, List<SpecialMatch> matches) = First();
            byLength.Remove(length);
            matches.Sort((a, b) => a.Start.CompareTo(b.Start));
            foreach (SpecialMatch match in matches)
            {
                if (taken[match.Start])
                    continue;

                // What was taken before is at least as long, so it cannot hide between both ends.
                if (!taken[match.Start + length - 1])
                {
                    taken.AsSpan(match.Start, length).Fill(true);
                    kept.Add(match);
                    continue;
                }

                int room = taken.AsSpan(match.Start, length).IndexOf(true);
                int shorter = _trie.Longest(text.Slice(match.Start, room), out int id);
                if (shorter > 0)
                    Queue(new(match.Start, shorter, id));
            }
        }

        kept.Sort((a, b) => a.Start.CompareTo(b.Start));
        return kept;

        void Queue(SpecialMatch match)
        {
            if (!byLength.TryGetValue(match.Length, out List<SpecialMatch>? list))
                byLength.Add(match.Length, list = []);
            list.Add(match);
        }

        (int Length, List<SpecialMatch> Matches) First()
        {
            foreach ((int length, List<SpecialMatch> matches) in byLength)
                return (length, matches);
            return default;
        }
    }
}
