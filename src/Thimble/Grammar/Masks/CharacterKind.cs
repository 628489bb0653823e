namespace Thimble.Grammar;

/// <summary>Kinds of characters that formats seldom tell apart: small letters, capitals, digits, and those beyond ASCII; every other sign
/// that a JSON text holds as it is, is a kind of its own.</summary>
internal static class CharacterKind
{
    /// <summary>How many kinds there are.</summary>
    public const int Count = 128;

    /// <summary>States that are looked at to find that any text may follow.</summary>
    public const int MostStates = 300;

    /// <summary>The kind of what belongs to none: parts of characters, controls, quotes, backslashes, and white space beyond ASCII.</summary>
    public const byte None = 0;

    private const byte Small = (byte)'a', Capital = (byte)'A', Digit = (byte)'0', Wide = 1;

    private static readonly (int First, int Last)[] s_spaces = [.. Characters.Spaces.Ranges.ToArray().Where(static range => range.First > 0x7F)];
    private static readonly ByteSet[][] s_wide = [.. (~(Characters.Spaces | Characters.Of([(0, 0x7F)]))).Ranges.ToArray().SelectMany(static range => Utf8Ranges.Of(range.First, range.Last))];

    private static readonly ByteSet[][] s_characters = [[ByteSet.Range(' ', '!')], [ByteSet.Range('#', '[')], [ByteSet.Range(']', 0x7F)], .. s_wide];

    /// <summary>The kind of a character.</summary>
    /// <param name="character">A Unicode character.</param>
    public static byte Of(int character) => character switch
    {
        < ' ' or '"' or '\\' => None,
        >= 'a' and <= 'z' => Small,
        >= 'A' and <= 'Z' => Capital,
        >= '0' and <= '9' => Digit,
        < 0x80 => (byte)character,
        _ => Array.Exists(s_spaces, range => character >= range.First && character <= range.Last) ? None : Wide,
    };

    /// <summary>The state behind any character of a kind.</summary>
    /// <returns><see cref="State.Split"/> where they lead to several, or to one that is not merely passed through.</returns>
    public static State Behind(State from, byte kind) => kind switch
    {
        Small => Through(Same(from, ByteSet.Range('a', 'z'))),
        Capital => Through(Same(from, ByteSet.Range('A', 'Z'))),
        Digit => Through(Same(from, ByteSet.Range('0', '9'))),
        Wide => BehindWide(from),
        _ => Through(from[kind]),
    };

    /// <summary>Whether any text of characters that have a kind merely passes through states behind a state.</summary>
    /// <param name="start">The state.</param>
    /// <param name="seen">Receives the states that were looked at: all of them, if it is so.</param>
    public static bool IsTotal(State start, HashSet<State> seen)
    {
        var open = new Stack<State>([start]);
        seen.Add(start);
        while (open.TryPop(out State? state))
        {
            foreach (ByteSet[] sequence in s_characters)
            {
                if (!Passes(state, sequence, seen, open))
                    return false;
            }
        }

        return seen.Count <= MostStates;
    }

    private static bool Passes(State state, ReadOnlySpan<ByteSet> sequence, HashSet<State> seen, Stack<State> open)
    {
        State? before = null;
        for (int value = sequence[0].First; value < 256 && sequence[0][value]; value++)
        {
            State after = Through(state[(byte)value]);
            if (ReferenceEquals(after, before))
                continue;
            before = after;
            if (ReferenceEquals(after, State.Split) || ReferenceEquals(after, State.Dead) || seen.Count > MostStates
                || (sequence.Length > 1 && !Passes(after, sequence[1..], seen, open)))
            {
                return false;
            }

            if (sequence.Length == 1 && seen.Add(after))
                open.Push(after);
        }

        return true;
    }

    private static State BehindWide(State from)
    {
        State? all = null;
        foreach (ByteSet[] sequence in s_wide)
        {
            State after = from;
            foreach (ByteSet bytes in sequence)
                after = Through(Same(after, bytes));
            if (ReferenceEquals(after, State.Split) || (all is not null && !ReferenceEquals(all, after)))
                return State.Split;
            all = after;
        }

        return all!;
    }

    private static State Same(State from, ByteSet bytes)
    {
        if (ReferenceEquals(from, State.Split))
            return from;
        int first = bytes.First;
        State all = from[(byte)first];
        for (int value = first + 1; value < 256 && bytes[value]; value++)
        {
            if (!ReferenceEquals(from[(byte)value], all))
                return State.Split;
        }

        return all;
    }

    /// <summary>A state, if a text merely passes through it.</summary>
    private static State Through(State state) => state.IsFinal || state.IsChecked || state.HasExits || !state.IsFree ? State.Split : state;
}
