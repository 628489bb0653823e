using Thimble.Tests.Models;

namespace Thimble.Tests.Library.Speculative.Product;

/// <summary>Greedy texts of every drafter are those of plain decoding, token for token; the bench does the same over 200 prompts.</summary>
public class EveryDrafterTests
{
    private static readonly string[] s_prompts =
    [
        "Once upon a time there was a", "The dog ran to the park and", "Lily and Tom were playing with", "One day, a little bird", "The cat was sad because",
        "Mom said it was time to", "There was a big red ball. The big red", "In the forest, a bear", "1 2 3 4 5", "\"Yes,\" said",
    ];

    public static TheoryData<string> Drafters =>
    [
        "lookup", "auto", "lookahead", "exit:2", "exit:5", "heads", "ple-tinystories-int4/ple-c1M-s0.bin", "ple-tinystories-int4/ple-c3M-s0.bin",
        "ple-tinystories-int4/gru-c1.5M-s0.bin", "ple-tinystories-int4/lstm-c3M-s0.bin", "stories260K/stories260K.bin",
    ];

    [Theory, Trait("Speed", "Slow"), MemberData(nameof(Drafters))]
    public async Task Texts_are_those_of_plain_decoding(string draft)
    {
        using var folder = new TemporaryFolder();
        using var model = Model.OpenDefault(new() { Draft = draft == "heads" ? Random(folder["heads.safetensors"]) : draft.Contains('/', StringComparison.Ordinal) ? Golden.Path(draft) : draft });
        foreach (string prompt in s_prompts)
        {
            GenerationOptions options = new() { MaxTokens = 40, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
            Assert.Equal(await model.Generate(prompt, options with { Drafts = false }).TextAsync(), await model.Generate(prompt, options).TextAsync());
        }
    }

    /// <summary>Three heads of random weights for the model inside the library.</summary>
    private static string Random(string path)
    {
        using var model = Model.OpenDefault();
        int width = model.Width, vocabulary = model.VocabularySize;
        var random = new Random(1);
        using FileStream stream = File.Create(path);
        Heads.SafetensorsText.Write(stream, [.. Enumerable.Range(0, 3).SelectMany(head => ((string, long[], float[])[])
        [
            ($"{head}.0.linear.weight", [width, width], Values(width * width)), ($"{head}.0.linear.bias", [width], new float[width]), ($"{head}.1.weight", [vocabulary, width], Values(vocabulary * width)),
        ])]);
        return path;

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }
}
