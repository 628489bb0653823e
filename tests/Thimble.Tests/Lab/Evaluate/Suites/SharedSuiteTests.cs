using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class SharedSuiteTests
{
    /// <summary>What each set holds, and how many of its rows are broken.</summary>
    private static readonly (string Suite, int Questions, int Broken)[] s_sets =
    [
        ("arc-easy", 2376, 0), ("arc-challenge", 1172, 0), ("boolq", 3270, 0), ("piqa", 1838, 0), ("openbookqa", 500, 0), ("siqa", 1954, 0), ("winogrande", 1267, 0),
        ("bbh", 5508, 3), ("bbh-written", 1000, 0), ("cybermetric-80", 80, 0), ("cybermetric-500", 500, 0), ("cybermetric-2000", 2000, 0),
        ("gsm8k", 1319, 0), ("mt-bench", 80, 0),
    ];

    [SharedFact("data", 14), Trait("Speed", "Slow")]
    public void Every_row_becomes_a_question_or_is_named()
    {
        foreach ((string name, int questions, int broken) in s_sets)
        {
            (int Questions, int Broken) found = Count(name);
            Assert.True((questions, broken) == found, $"{name}: {found.Questions} questions and {found.Broken} broken rows; expected {questions} and {broken}.");
        }
    }

    [SharedFact("data/mmlu", 1), Trait("Speed", "Slow")]
    public void Subjects_are_57_and_no_row_is_broken()
    {
        var suite = (QuestionSuite)Suites.Named("mmlu");
        Corpus data = suite.Open(Golden.Shared("data"));
        Question[] questions = [.. suite.Read(data, CorpusTests.Options())];
        Assert.Equal(57, questions.Select(question => question.Group).Distinct().Count());
        Assert.Equal(9183, questions.Length);
        Assert.Empty(data.Broken);
    }

    private static (int Questions, int Broken) Count(string name)
    {
        var suite = (QuestionSuite)Suites.Named(name);
        Corpus data = suite.Open(Golden.Shared("data"));
        return (suite.Read(data, CorpusTests.Options()).Count(), data.Broken.Count);
    }
}
