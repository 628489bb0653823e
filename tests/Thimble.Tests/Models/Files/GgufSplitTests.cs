using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class GgufSplitTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Any_part_opens_the_whole(int named)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        using var file = ModelFile.Open(folder[Name(named)]);
        Assert.Equal([0, 2], file.Vector("a"));
        Assert.Equal([1, 2], file.Vector("b"));
        Assert.Equal(["general.architecture"], file.Metadata.Keys);
        Assert.EndsWith(Name(1), file.Path);
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        File.Delete(folder[Name(1)]);
        var missing = Assert.Throws<FileNotFoundException>(() => ModelFile.Open(folder[Name(2)]));
        Assert.Contains("is part 2 of 2; missing:", missing.Message);
        Assert.EndsWith(Name(1), missing.FileName);
    }

    [Fact]
    public void Parts_that_contradict_each_other_are_refused()
    {
        Refused("'split.no' is 0; expected 1", folder => folder.Write(Name(2), GgufBytes.Split(number: 0, name: "b")));
        Refused("'split.count' is 3; expected 2", folder => folder.Write(Name(2), GgufBytes.Split(number: 1, count: 3, name: "b")));
        Refused("'split.count' is missing; expected 2", folder => folder.Write(Name(2), GgufBytes.Small()));
        Refused("announces 3 tensors; its 2 parts hold 2", folder => folder.Write(Name(1), GgufBytes.Split(tensors: 3)));
        Refused("two tensors named 'a'", folder => folder.Write(Name(2), GgufBytes.Split(number: 1, name: "a")));
    }

    [Fact]
    public void A_part_under_another_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("renamed.gguf", GgufBytes.Split());
        Assert.Contains("'model-00001-of-00002.gguf'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }

    [Fact]
    public void A_whole_file_may_be_named_like_a_part()
    {
        using var folder = new TemporaryFolder();
        using var file = ModelFile.Open(folder.Write("x-00001-of-00009.gguf", GgufBytes.Small()));
        Assert.Equal(2, file.Tensors.Count);
    }

    private static string Name(int number) => $"m-0000{number}-of-00002.gguf";

    private static void Write(TemporaryFolder folder)
    {
        folder.Write(Name(1), GgufBytes.Split());
        folder.Write(Name(2), GgufBytes.Split(number: 1, name: "b"));
    }

    private static void Refused(string message, Action<TemporaryFolder> spoil)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        spoil(folder);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder[Name(1)])).Message);
    }
}
