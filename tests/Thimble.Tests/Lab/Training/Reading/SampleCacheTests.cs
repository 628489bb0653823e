using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Reading;

/// <summary>Texts kept as tokens.</summary>
public sealed class SampleCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_is_kept_is_found_as_it_was()
    {
        SampleCache.Keep(_folder["tokens"], "key", [([new([1, 5, 70_000], [false, true, false]), new([3, 4])], ["line 3: no"]), ([new([1, 2]) { Rejected = new([9, 8], [true, true]) }], [])]);
        List<(Sample[] Samples, string[] Broken)> found = SampleCache.Find(_folder["tokens"], "key")!;
        Assert.Equal([1, 5, 70_000], found[0].Samples[0].Tokens);
        Assert.Equal([false, true, false], found[0].Samples[0].Learnt!);
        Assert.Null(found[0].Samples[1].Learnt);
        Assert.Equal(["line 3: no"], found[0].Broken);
        Assert.Equal([9, 8], found[1].Samples[0].Rejected!.Tokens);
        Assert.Null(SampleCache.Find(_folder["tokens"], "other"));
    }

    [Fact]
    public void A_file_cut_anywhere_is_as_good_as_none()
    {
        SampleCache.Keep(_folder["tokens"], "key", [([new([1, 5, 70_000], [false, true, false])], [])]);
        byte[] whole = File.ReadAllBytes(_folder["tokens"]);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder["tokens"], whole[..length]);
            Assert.Null(SampleCache.Find(_folder["tokens"], "key"));
        }
    }

    [Fact]
    public void A_text_that_changes_has_another_key()
    {
        using var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        File.WriteAllText(_folder["a.txt"], "one");
        var recipe = new TrainingRecipe { Texts = [new(_folder["a.txt"])], Output = "x" };
        string key = SampleCache.Key(recipe, file.Metadata);
        Assert.Equal(key, SampleCache.Key(recipe, file.Metadata));
        Assert.NotEqual(key, SampleCache.Key(recipe with { Length = 9 }, file.Metadata));
        File.WriteAllText(_folder["a.txt"], "other");
        Assert.NotEqual(key, SampleCache.Key(recipe, file.Metadata));
    }

    public void Dispose() => _folder.Dispose();
}
