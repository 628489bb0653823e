namespace Thimble.Tests.Models;

public class ReaderFuzzTests
{
    private const int Cases = 7_000;

    public static TheoryData<string> Targets => [.. ReaderTarget.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Targets))]
    public void Broken_input_is_read_or_refused_and_nothing_else(string name)
    {
        var target = ReaderTarget.Named(name);
        int accepted = Enumerable.Range(0, Cases).Count(target.Try);

        // If nothing got through, only the first check was tested.
        Assert.InRange(accepted, Cases / 200, Cases);
    }

    [Theory, MemberData(nameof(Targets))]
    public void Seeds_are_accepted(string name) => Assert.All(ReaderTarget.Named(name).Seeds, ReaderTarget.Named(name).Read);
}
