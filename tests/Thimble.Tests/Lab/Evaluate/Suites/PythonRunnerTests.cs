using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

[Trait("Speed", "Slow")]
public class PythonRunnerTests
{
    public static TheoryData<string, string> Programs => new()
    {
        { "x = 1\nassert x == 1", "Passed" },
        { "assert 1 == 2", "Failed" },
        { "this is no program", "Failed" },
        { "import socket\nsocket.socket()", "Failed" },
        { "import subprocess\nsubprocess.run(['true'])", "Failed" },
        { "import os\nos.system('true')", "Failed" },
        { "x = bytearray(1 << 30)", "Failed" },
        { "open('f', 'w').write('x' * (1 << 20))", "Failed" },
        { "import os\nassert 'HOME' not in os.environ", "Passed" },
        { "while True:\n    pass", "TimedOut" },
    };

    [PythonTheory(10), MemberData(nameof(Programs))]
    public async Task A_program_stays_within_its_limits(string program, string outcome) =>
        Assert.Equal(outcome, (await PythonRunner.RunAsync(program, CancellationToken.None)).ToString());

    [SharedFact("data/humaneval", 12)]
    public async Task Solutions_of_the_authors_pass_and_empty_ones_do_not()
    {
        foreach (Row row in Suites.Named("humaneval").Open(Golden.Shared("data")).JsonLines("HumanEval.jsonl.gz").Take(12))
        {
            var exercise = new Exercise("1", "", [row.Text("prompt")!], $"{row.Text("test")}\ncheck({row.Text("entry_point")})\n", 1);
            Assert.Equal(ProgramOutcome.Passed, await PythonRunner.RunAsync(HumanEval.Program(exercise, row.Text("canonical_solution")!), CancellationToken.None));
            Assert.Equal(ProgramOutcome.Failed, await PythonRunner.RunAsync(HumanEval.Program(exercise, "    pass\n"), CancellationToken.None));
        }
    }

    [PythonTheory(2), InlineData("    return a + b\n", "Passed"), InlineData("    return a - b\n", "Failed")]
    public async Task A_function_is_judged_by_its_tests(string reply, string outcome)
    {
        var exercise = new Exercise("1", "", ["def add(a, b):\n"], "def check(candidate):\n    assert candidate(2, 3) == 5\ncheck(add)\n", 1);
        Assert.Equal(outcome, (await PythonRunner.RunAsync(HumanEval.Program(exercise, reply), CancellationToken.None)).ToString());
    }
}

/// <summary>A test that runs Python programs.</summary>
internal sealed class PythonTheoryAttribute : TheoryAttribute
{
    /// <param name="cases">Cases that are left out where there is no Python.</param>
    public PythonTheoryAttribute(int cases)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "python3"))))
            Skip = $"{cases} cases left out: there is no python3.";
    }
}
