using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Drafters;

public class SuffixAutomatonTests
{
    [Fact]
    public void The_longest_end_that_occurred_before_is_found()
    {
        var random = new Random(3);
        for (int round = 0; round < 40; round++)
        {
            var automaton = new SuffixAutomaton();
            List<int> text = [];
            for (int i = 0; i < 60; i++)
            {
                text.Add(random.Next(2 + (round % 3)));
                automaton.Append(text[^1]);
                (int Place, int Length)[] ends = new (int, int)[1];
                int count = automaton.Ends(1, ends), longest = Longest(text, text, text.Count - 1);
                Assert.Equal(longest, count == 0 ? 0 : ends[0].Length);
                if (count > 0)
                    Assert.True(ends[0].Place < text.Count && EndsAlike(text, ends[0].Place, text, ends[0].Length));
            }
        }
    }

    [Fact]
    public void Another_text_is_followed()
    {
        var random = new Random(5);
        var automaton = new SuffixAutomaton();
        List<int> past = [], text = [];
        for (int i = 0; i < 200; i++)
            past.Add(random.Next(4));
        past.ForEach(automaton.Append);
        (int State, int Length) match = default;
        (int Place, int Length)[] ends = new (int, int)[1];
        for (int i = 0; i < 200; i++)
        {
            text.Add(random.Next(4));
            match = automaton.Follow(match, text[^1]);
            Assert.Equal(Longest(past, text, past.Count), match.Length);
            if (automaton.Ends(match, 1, ends) > 0)
                Assert.True(EndsAlike(past, ends[0].Place, text, ends[0].Length));
        }
    }

    [Fact]
    public void The_latest_place_is_given_and_shorter_ends_after_it()
    {
        var automaton = new SuffixAutomaton();
        foreach (int token in (int[])[1, 2, 3, 9, 2, 3, 8, 1, 2, 3])
            automaton.Append(token);
        (int Place, int Length)[] ends = new (int, int)[4];
        Assert.Equal(2, automaton.Ends(1, ends));
        Assert.Equal([(3, 3), (6, 2)], ends[..2]);
    }

    /// <summary>The most last tokens of one text that occur in the first so many of another, not counting the end itself.</summary>
    private static int Longest(List<int> past, List<int> text, int within)
    {
        for (int length = text.Count; length > 0; length--)
        {
            if (Enumerable.Range(length, Math.Max(0, within - length + 1)).Any(end => EndsAlike(past, end, text, length)))
                return length;
        }

        return 0;
    }

    private static bool EndsAlike(List<int> past, int end, List<int> text, int length) =>
        length <= end && past[(end - length)..end].SequenceEqual(text[^length..]);
}
