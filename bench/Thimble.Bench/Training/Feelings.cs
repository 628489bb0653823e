using System.Globalization;
using Thimble.Lab.Training;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>Sentences in which something good or bad happens; the class is told by a word that fits, or by a letter that says nothing.</summary>
internal sealed class Feelings(Tokenizer tokenizer)
{
    private static readonly string[] s_names = ["Tom", "Lily", "Ben", "Sue", "Max", "Mia", "Sam", "Anna"];

    private static readonly string[] s_good =
    [
        "{0} got a new toy", "{0} found a big cake", "Mom gave {0} a hug", "{0} played with a friend all day", "{0} won the game", "The dog came back to {0}",
        "Dad gave {0} a red ball", "{0} went to the park with friends", "{0} ate a yummy cookie", "{0} saw a pretty butterfly", "Grandma sang a song for {0}", "{0} got a gift",
    ];

    private static readonly string[] s_bad =
    [
        "{0} lost a toy", "{0} fell down and got hurt", "The dog ran away from {0}", "{0} broke the cup", "Nobody wanted to play with {0}", "{0} dropped the cake",
        "A big boy took the ball from {0}", "{0} could not find mom", "{0} got sick", "It rained and {0} could not go out", "The cat scratched {0}", "{0} was all alone",
    ];

    /// <summary>Sentences in batches of one classification each.</summary>
    /// <param name="template">Whether the class is told by a word that fits.</param>
    /// <param name="learnt">Whether from the events that are learnt from: the first eight of each kind.</param>
    /// <param name="count">Sentences.</param>
    /// <param name="size">Sentences of a batch.</param>
    /// <param name="seed">Names them.</param>
    /// <param name="shuffled">Whether classes are drawn at random, so that there is nothing to learn.</param>
    public List<Batch> Batches(bool template, bool learnt, int count, int size, int seed, bool shuffled = false)
    {
        var random = new Random(seed);
        (string good, string bad) = template ? (" happy", " sad") : (" A", " B");
        int[] options = [tokenizer.Encode("was" + good)[^1], tokenizer.Encode("was" + bad)[^1]];
        List<Batch> batches = [];
        for (int done = 0; done < count; done += size)
        {
            int[][] texts = new int[size][];
            for (int i = 0; i < size; i++)
            {
                bool isGood = random.Next(2) == 0;
                string[] events = isGood ? s_good : s_bad;
                string sentence = string.Format(CultureInfo.InvariantCulture, events[learnt ? random.Next(8) : random.Next(8, 12)], s_names[random.Next(8)]);
                int[] asked = tokenizer.Encode(template ? $"{sentence}. So {s_names[random.Next(8)]} was very" : $"{sentence}.", addSpecial: true);
                texts[i] = [.. asked, options[(shuffled ? random.Next(2) == 0 : isGood) ? 0 : 1]];
            }

            var whole = Batch.Of(texts, (text, at) => at == texts[text].Length - 1);
            batches.Add(new Batch(whole.Tokens, whole.Targets, whole.Segments) { Options = options });
        }

        return batches;
    }
}
