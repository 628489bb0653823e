using System.CommandLine;
using Thimble.Cli.Options;

namespace Thimble.Tests.Cli;

public class ServeOptionsTests
{
    [Fact]
    public void What_is_said_of_opening_goes_before_what_was_planned()
    {
        (ServeOptions options, ParseResult parsed) = Parse("--mmproj", "eye.gguf", "--max-sequences", "4", "--prefix-tokens", "0", "-ub", "128", "--mixed-chunk", "16");
        ModelOptions opening = options.Opening(parsed, new() { Threads = 3, PrefillChunk = 256 });
        Assert.Equal((3, 4, 0L, 128, 16), (opening.Threads, opening.MaxSequences, opening.PrefixTokens, opening.PrefillChunk, opening.MixedChunk));
        Assert.Equal(Path.GetFullPath("eye.gguf"), opening.Projector);
    }

    [Fact]
    public void What_is_not_said_stays_as_it_was()
    {
        (ServeOptions options, ParseResult parsed) = Parse();
        ModelOptions plain = new() { PrefillChunk = 256, MaxSequences = 7 };
        Assert.Equal(plain, options.Opening(parsed, plain));
        RunSettings settings = new() { Budget = new() { MemoryBytes = 1 << 30 } };
        Assert.Equal(1, options.Planned(parsed, settings).Budget!.Users);
    }

    [Fact]
    public void A_budget_is_planned_for_as_many_texts_as_are_asked_for()
    {
        (ServeOptions options, ParseResult parsed) = Parse("--max-sequences", "8");
        Assert.Equal(8, options.Planned(parsed, new() { Budget = new() }).Budget!.Users);
        Assert.Null(options.Planned(parsed, new()).Budget);
        (ServeOptions none, ParseResult bad) = Parse("--max-sequences", "0");
        Assert.Contains("MaxSequences is 0", Assert.Throws<ArgumentOutOfRangeException>(() => none.Opening(bad, new())).Message, StringComparison.Ordinal);
    }

    private static (ServeOptions Options, ParseResult Parsed) Parse(params string[] words)
    {
        var options = new ServeOptions();
        var command = new Command("serve");
        options.AddTo(command);
        ParseResult parsed = command.Parse(words);
        Assert.Empty(parsed.Errors);
        return (options, parsed);
    }
}
