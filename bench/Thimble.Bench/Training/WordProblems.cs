using Thimble.Lab.Training;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>Problems of one step in words, made from templates, some of which are never learnt from; the answer is one digit.</summary>
internal sealed class WordProblems(Tokenizer tokenizer)
{
    private static readonly string[] s_names = ["Tom", "Lily", "Ben", "Sue", "Max", "Mia", "Sam", "Anna"];
    private static readonly string[] s_things = ["balls", "cats", "dogs", "cars", "trees", "birds", "hats", "toys"];

    private static readonly (string Text, int Sign)[] s_learnt =
    [
        ("{0} had {2} {1}. {0} got {3} more {1}. Now {0} has ", 1),
        ("{0} had {2} {1}. {0} lost {3} of the {1}. Now {0} has ", -1),
        ("{0} saw {2} {1}. Then {0} saw {3} more. In all {0} saw ", 1),
        ("There were {2} {1} in a box. {0} took {3} of them. In the box there are ", -1),
        ("Mom gave {0} {2} {1}. Dad gave {0} {3} {1}. So {0} has ", 1),
        ("{0} had {2} {1}. {0} gave {3} {1} to a friend. Now {0} has ", -1),
        ("{0} found {2} {1} and then {3} more {1}. {0} found ", 1),
        ("{2} {1} were in the park. {3} {1} went home. In the park there are ", -1),
    ];

    private static readonly (string Text, int Sign)[] s_heldOut =
    [
        ("{0} had {2} {1} and got {3} more. Now {0} has ", 1),
        ("{0} saw {2} {1}. {3} of the {1} went home. Now {0} sees ", -1),
        ("Dad gave {0} {2} {1}. Then {0} found {3} more {1}. Now {0} has ", 1),
        ("There were {2} {1} in the park. {0} took {3} {1} home. In the park there are ", -1),
    ];

    /// <summary>Problems in batches.</summary>
    /// <param name="learnt">Whether from the templates that are learnt from.</param>
    /// <param name="count">Problems.</param>
    /// <param name="size">Problems of a batch.</param>
    /// <param name="seed">Names them.</param>
    public List<Batch> Batches(bool learnt, int count, int size, int seed)
    {
        var random = new Random(seed);
        List<Batch> batches = [];
        for (int done = 0; done < count; done += size)
        {
            int[][] texts = [.. Enumerable.Range(0, size).Select(_ => Problem(random, learnt ? s_learnt : s_heldOut))];
            batches.Add(Batch.Of(texts, (text, at) => at == texts[text].Length - 1));
        }

        return batches;
    }

    private int[] Problem(Random random, (string Text, int Sign)[] templates)
    {
        (string text, int sign) = templates[random.Next(templates.Length)];
        int sum = random.Next(1, 10), part = random.Next(0, sum + 1);
        (int first, int second, int answer) = sign > 0 ? (part, sum - part, sum) : (sum, part, sum - part);
        string asked = string.Format(System.Globalization.CultureInfo.InvariantCulture, text, s_names[random.Next(8)], s_things[random.Next(8)], first, second);
        return tokenizer.Encode(asked + answer.ToString(System.Globalization.CultureInfo.InvariantCulture), addSpecial: true);
    }
}
