using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>Test questions that have nothing in common with what is learnt.</summary>
public class MathSplitsTests
{
    [Fact]
    public void Stretches_are_words_without_marks()
    {
        Assert.Equal(["tom had 3 cats"], MathSplits.Stretches("Tom had 3 cats!"));
        Assert.Equal(["a b c d e f g h", "b c d e f g h i"], MathSplits.Stretches("A, b c d e f g h i."));
    }

    [SharedFact("data/llm-adapters/math_data.json", 1)]
    public void No_stretch_of_a_test_question_is_learnt_from()
    {
        var splits = MathSplits.Read(Golden.Shared("data/llm-adapters"));
        HashSet<string> known = [.. splits.Learnt.SelectMany(MathSplits.Stretches)];
        Assert.All(splits.Clean, set =>
        {
            Assert.InRange(set.Questions.Count, 1, set.All / 3);   // four fifths of each file stand in the training file
            Assert.All(set.Questions, text => Assert.DoesNotContain(MathSplits.Stretches(MathSplits.Question(text)), known.Contains));
        });
    }
}
