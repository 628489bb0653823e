using Thimble.Lab.Evaluate;
using Thimble.Models.States;

namespace Thimble.Tests.Lab.Evaluate;

public class OptionScorerTests
{
    private const string Head = "Once upon a time there was a little girl. She had a dog and a cat and a red ball. ";

    private static readonly Choice[] s_choices =
    [
        Ask("a", Head + "She was", " happy.", " happy and sad.", " a"),
        Ask("b", Head + "The dog", " ran.", " ran.", " said: \"I am a dog\"."),
        Ask("c", Head + "The cat", " A", " B", " C", " D"),
        new("d", "", [new("One day Tom", " went home."), new("One day his mother", " went home.")], 0),
    ];

    [Fact]
    public void What_is_shared_and_batched_scores_like_each_text_alone()
    {
        using var scorer = new Scorer(null, new() { Threads = 1, PrefillChunk = 24 });
        using var options = new OptionScorer(scorer);
        Answer[] together = options.Score(s_choices);
        for (int i = 0; i < s_choices.Length; i++)
        {
            Assert.Equal(s_choices[i].Id, together[i].Id);
            for (int option = 0; option < s_choices[i].Options.Count; option++)
                Assert.Equal(Alone(scorer, s_choices[i].Options[option]), together[i].LogLikelihoods![option], 1e-9);
        }
    }

    [Fact]
    public void Batches_of_any_size_score_alike()
    {
        using var scorer = new Scorer(null, new() { Threads = 2 });
        using OptionScorer whole = new(scorer), single = new(scorer);
        double[][] together = [.. whole.Score([.. s_choices, .. s_choices]).Select(answer => answer.LogLikelihoods!)];
        double[][] apart = [.. s_choices.Select(choice => single.Score([choice])[0].LogLikelihoods!)];
        Assert.Equal([.. apart, .. apart], together);
    }

    /// <summary>The sum over an option's tokens, from one reading of the whole text.</summary>
    private static double Alone(Scorer scorer, Continuation option)
    {
        int[] whole = scorer.Tokenizer.Encode(option.Context + option.Text);
        int before = scorer.Tokenizer.Encode(option.Context).Length;
        double sum = 0;
        using SequenceState state = scorer.CreateSequence();
        scorer.Read(
            [new Passage(state, whole, whole.Length)],
            (_, row, logits, logSum) => sum += row + 1 >= before && row + 1 < whole.Length ? logits[whole[row + 1]] - logSum : 0);
        return sum;
    }

    private static Choice Ask(string id, string context, params string[] options) => new(id, "", [.. options.Select(text => new Continuation(context, text))], 0);
}
