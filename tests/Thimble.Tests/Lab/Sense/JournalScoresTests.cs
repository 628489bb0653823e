using Thimble.Lab.Sense;

namespace Thimble.Tests.Lab.Sense;

public class JournalScoresTests
{
    [Fact]
    public void The_same_text_scores_all_and_another_nothing()
    {
        var same = JournalScores.Of("In the morning, the user walks to work.", "In the morning, the user walks to work.");
        Assert.Equal((1, 1, 1, 1, 1), (same.Bleu, same.Chrf, same.Rouge1, same.Rouge2, same.RougeL));
        Assert.InRange(same.Meteor, 0.99, 1);   // one chunk of eight words costs 0.5 · (1/8)³
        var none = JournalScores.Of("xyz", "In the morning");
        Assert.Equal((0, 0, 0), (none.Bleu, none.Rouge1, none.Meteor));
    }

    [Fact]
    public void Four_words_of_five_give_the_figures_known_by_hand()
    {
        var scores = JournalScores.Of("the cat sat down", "the black cat sat down");
        Assert.Equal(2 * 4 / 9.0, scores.Rouge1, 1e-12);
        Assert.Equal(2 * 2 / 7.0, scores.Rouge2, 1e-12);
        Assert.Equal(2 * 4 / 9.0, scores.RougeL, 1e-12);
        double precision = 1, recall = 0.8, mean = 10 * precision * recall / (recall + (9 * precision));
        Assert.Equal(mean * (1 - (0.5 * Math.Pow(2 / 4.0, 3))), scores.Meteor, 1e-12);
        double bleu = Math.Exp((Math.Log(1) + Math.Log(3 / 4.0) + Math.Log(2 / 3.0) + Math.Log(1 / 2.0)) / 4) * Math.Exp(1 - (5 / 4.0));
        Assert.Equal(bleu, scores.Bleu, 1e-12);
    }

    [Fact]
    public void The_best_of_several_references_counts()
    {
        var best = JournalScores.Best("the cat", ["a dog", "the cat", "the"]);
        Assert.Equal(1, best.RougeL);
    }
}
