using Thimble.Tests.Models;

namespace Thimble.Tests.Library.Speculative.Product;

/// <summary>What cannot be done is refused when the model is opened, with what would do.</summary>
public class DraftOpeningTests
{
    [Theory]
    [InlineData("nobody", "expected off, auto, lookup, lookahead, exit:LAYERS")]
    [InlineData("no/such/model.gguf", "no file or folder")]
    public void A_drafter_that_is_not_there_is_named(string draft, string expected)
    {
        FileNotFoundException refusal = Assert.Throws<FileNotFoundException>(() => Model.OpenDefault(new() { Draft = draft }));
        Assert.Contains($"'{draft}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit:")]
    [InlineData("exit:0")]
    [InlineData("exit:-1")]
    [InlineData("exit:99")]
    [InlineData("exit:two")]
    public void Layers_that_the_model_has_not_are_refused(string draft) => Assert.Contains(
        "a number of layers from 1 to", Assert.Throws<ArgumentException>(() => Model.OpenDefault(new() { Draft = draft })).Message, StringComparison.Ordinal);

    [Fact]
    public void Only_a_smaller_model_learns()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Model.OpenDefault(new() { Draft = "lookup", LearntDraft = "x.gguf" }));
        Assert.Contains("only a smaller model can learn", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lookup")]
    [InlineData("auto")]
    [InlineData("lookahead")]
    [InlineData("exit:5")]
    [InlineData("ple-tinystories-int4/ple-d32-s0.bin")]
    [InlineData("stories260K/stories260K.bin")]
    public void A_budget_below_the_least_says_the_least_and_the_least_does(string draft)
    {
        ModelOptions options = new() { Draft = draft.Contains('/', StringComparison.Ordinal) ? Golden.Path(draft) : draft, DraftMemory = 500, ContextLength = 256 };
        CapacityException refusal = Assert.Throws<CapacityException>(() => Model.OpenDefault(options));
        Assert.Contains($"needs at least {refusal.Needed} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(500, refusal.Available);
        using var model = Model.OpenDefault(options with { DraftMemory = refusal.Needed });
        Assert.NotNull(model.Drafting);
    }

    [Fact]
    public void Heads_of_another_model_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder["heads.safetensors"];
        using (FileStream stream = File.Create(path))
            Heads.SafetensorsText.Write(stream, [("0.0.linear.weight", [8, 8], new float[64]), ("0.0.linear.bias", [8], new float[8]), ("0.1.weight", [16, 8], new float[128])]);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Model.OpenDefault(new() { Draft = path }));
        Assert.Contains("0.0.linear.weight", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_continues_no_text_is_no_drafter()
    {
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => Model.OpenDefault(new() { Draft = Encoder() }));
        Assert.Contains("cannot guess what comes next", refusal.Message, StringComparison.Ordinal);
    }

    private static string Encoder() => Directory.EnumerateFiles(Golden.Path("encoders"), "*bert*.gguf", SearchOption.AllDirectories).First();
}
