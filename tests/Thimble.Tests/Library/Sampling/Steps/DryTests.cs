using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class DryTests
{
    private const int A = 0, B = 1, C = 2, Y = 3;

    [Fact]
    public void Longest_repetition_that_a_token_would_prolong_sets_its_penalty()
    {
        // The text a b c c b c y a b c ends in: a b c (3, then came c), b c (2, then y), c (1, then b: below the 2 allowed).
        double[] p = Toy.Distribution(Options(), [0, 0, 0, 0], [A, B, C, C, B, C, Y, A, B, C]);
        Toy.AssertClose(Toy.Softmax([0, 0, -0.8 * 1.75, -0.8]), p);
    }

    [Fact]
    public void Allowed_length_lets_short_repetitions_go()
    {
        double[] p = Toy.Distribution(Options(allowed: 3), [0, 0, 0, 0], [A, B, C, C, B, C, Y, A, B, C]);
        Toy.AssertClose(Toy.Softmax([0, 0, -0.8, 0]), p);
    }

    [Fact]
    public void Nothing_is_counted_across_a_breaker()
    {
        DryBreakers breakers = new([[Y]]);
        int[] text = [A, B, C, Y, A, B, C];   // prolonged by y, which is a breaker itself
        Toy.AssertClose(Toy.Softmax([0, 0, 0, 0]), Toy.Distribution(Options(), [0, 0, 0, 0], text, breakers));
        // After the breaker only b c repeat: 2 tokens, though a b c would without it.
        Toy.AssertClose(Toy.Softmax([-0.8, 0, 0, 0]), Toy.Distribution(Options(), [0, 0, 0, 0], [Y, B, C, A, Y, B, C], breakers));
    }

    [Fact]
    public void Repetition_is_cut_to_what_follows_the_breaker()
    {
        // The last four tokens repeat, but only two of them follow the breaker y.
        DryBreakers breakers = new([[Y]]);
        double[] p = Toy.Distribution(Options(), [0, 0, 0, 0], [A, Y, B, C, B, A, Y, B, C], breakers);
        Toy.AssertClose(Toy.Softmax([0, -0.8, 0, 0]), p);
    }

    [Fact]
    public void Breaker_of_several_tokens_needs_all_of_them()
    {
        DryBreakers breakers = new([[Y, B]]);
        Assert.Equal(1, breakers.LengthAfter([A, Y, B, C]));
        Assert.Equal(4, breakers.LengthAfter([A, Y, C, C]));
        Assert.Equal(2, breakers.LengthAfter([A, Y]));
        Assert.False(breakers.IsBreaker(Y));
    }

    [Fact]
    public void Window_hides_what_is_older()
    {
        double[] p = Toy.Distribution(Options() with { Dry = new() { Window = 4 } }, [0, 0, 0, 0], [A, B, C, C, B, C, Y, A, B, C]);
        Toy.AssertClose(Toy.Softmax([0, 0, 0, 0]), p);
    }

    [Fact]
    public void Repeats_are_those_found_by_looking_everywhere()
    {
        var random = new Random(31);
        for (int round = 0; round < 300; round++)
        {
            int[] text = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(3))];
            int limit = random.Next(2) == 0 ? int.MaxValue : 4;
            DryBreakers breakers = limit == 4 ? new([[2]]) : DryBreakers.None;
            double[] expected = Toy.Softmax([.. Enumerable.Range(0, 4).Select(token => -Penalty(text, token, breakers))]);
            Toy.AssertClose(expected, Toy.Distribution(Options(), [0, 0, 0, 0], text, breakers));
        }
    }

    [Fact]
    public void Breakers_are_found_inside_and_across_tokens()
    {
        string[] vocabulary = ["a", "x\n", "<|", "|>", "<|end|>", "end"];
        var breakers = DryBreakers.Of(["\n", "<|end|>"], vocabulary.Length, id => vocabulary[id], Tokens);
        Assert.Equal([1, 4], Enumerable.Range(0, vocabulary.Length).Where(breakers.IsBreaker));
        Assert.Equal(1, breakers.LengthAfter([0, 2, 5, 3, 0]));   // <| end |> as three tokens
        Assert.Equal(3, breakers.LengthAfter([2, 3, 0]));

        static int[] Tokens(string text) => text == "end|>" ? [5, 3] : [99];
    }

    [Fact]
    public void Endless_repetition_stays_finite()
    {
        double[] p = Toy.Distribution(Options(), [0, 0, 0, 0], [.. Enumerable.Repeat(A, 5000)]);
        Toy.AssertClose([0, 1 / 3.0, 1 / 3.0, 1 / 3.0], p);
    }

    private static SamplingOptions Options(int allowed = 2) => Toy.Plain with { Dry = new() { AllowedLength = allowed } };

    /// <summary>The definition, by trying every earlier occurrence of the token.</summary>
    private static double Penalty(int[] text, int token, DryBreakers breakers)
    {
        int limit = breakers.LengthAfter(text), longest = 0;
        for (int at = 0; at < text.Length && !breakers.IsBreaker(token); at++)
        {
            int length = 0;
            while (text[at] == token && length < at && length < limit && text[at - 1 - length] == text[^(1 + length)])
                length++;
            longest = Math.Max(longest, length);
        }

        return longest >= 2 ? 0.8f * Math.Pow(1.75, longest - 2) : 0;
    }
}
