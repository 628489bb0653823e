using System.Text;
using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class SafetensorsTests
{
    public static TheoryData<string, string, int> Broken => new()
    {
        { "no valid JSON", "{", 0 },
        { "no valid JSON", "{} x", 0 },
        { "whole numbers from 0", """{"a":{"dtype":"F32","shape":[[[[1]]]]}}""", 0 },
        { "no valid JSON", """{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4 },
        { "expected: an object", "[]", 0 },
        { "expected: an object", """{"a":1}""", 0 },
        { "expected: text", """{"__metadata__":{"a":1}}""", 0 },
        { "without a 'dtype'", """{"a":{}}""", 0 },
        { "'colour' of tensor 'a'", """{"a":{"colour":1}}""", 0 },
        { "lists tensor 'a' twice", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2 },
        { "whole numbers from 0", """{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1 },
        { "whole numbers from 0", """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1 },
        { "whole numbers from 0", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]}}""", 1 },
        { "at most 16 numbers", """{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1 },
        { "more than 2^63 bytes", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0 },
        { "F32 of shape [2] takes 8", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4 },
        { "bytes 4 to 0", """{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,0]}}""", 4 },
        { "puts tensor 'a' at 1; expected 0", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2 },
        { "puts tensor 'b' at 1; expected 2", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3 },
        { "4 follow the header", """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 4 },
        { "lists tensors of 3 bytes", """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 2 },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_broken_header_is_refused_with_its_fault(string fault, string header, int data)
    {
        string message = Assert.Throws<InvalidDataException>(() => Read(SafetensorsTarget.File(header, data))).Message;
        Assert.Contains(fault, message);
        Assert.Contains("test.safetensors", message);
    }

    [Theory, InlineData(long.MaxValue), InlineData(-1L), InlineData(100_000_001L), InlineData(3L)]
    public void A_header_longer_than_the_file_or_the_limit_is_refused(long length) =>
        Assert.Contains("100000000 are the most", Assert.Throws<InvalidDataException>(() => Read([.. BitConverter.GetBytes(length), .. "{}"u8])).Message);

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = SafetensorsTarget.File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8);
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(whole[..length]));
    }

    [Fact]
    public void An_unknown_type_lists_the_known_ones()
    {
        byte[] file = SafetensorsTarget.File("""{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}""", 1);
        Assert.Contains("tensor 'a' has type 'F4', which this build does not know; known: BOOL, U8", Assert.Throws<NotSupportedException>(() => Read(file)).Message);
    }

    [Fact]
    public void Shapes_are_turned_round_and_bytes_are_not_copied()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        SafetensorsWriter.Write(folder["a.safetensors"], [new("a", "F32", [2, 3], bytes)], new Dictionary<string, string> { ["format"] = "pt" });
        using var file = Safetensors.Open(folder["a.safetensors"]);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.True(file.TryGet("a", out SafeTensor? tensor));
        StoredTensor stored = tensor.Stored("blk.0.weight");
        Assert.Equal([3, 2], stored.Shape);
        Assert.Equal(("blk.0.weight", "F32"), (stored.Name, stored.Format));
        Assert.Equal([0, 1, 2, 3, 4, 5], stored.Values());
    }

    [Fact]
    public void A_cut_model_is_joined_by_its_index()
    {
        using var folder = new TemporaryFolder();
        WriteCut(folder, "1.safetensors", "2.safetensors");
        using var file = Safetensors.Open(folder.Path);
        Assert.Equal(["a", "b"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([1], file.Tensors.Last().Values());
    }

    [Theory, InlineData("../2.safetensors"), InlineData("/etc/passwd"), InlineData("a\\b"), InlineData(".."), InlineData("")]
    public void An_index_leads_nowhere_else(string file)
    {
        using var folder = new TemporaryFolder();
        WriteCut(folder, "1.safetensors", file.Replace("\\", "\\\\"));
        Assert.Contains("expected the name of a file beside it", Assert.Throws<InvalidDataException>(() => Safetensors.Open(folder.Path)).Message);
    }

    [Fact]
    public void What_an_index_promises_must_be_there()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<FileNotFoundException>(() => Safetensors.Open(folder.Path));
        WriteCut(folder, "1.safetensors", "3.safetensors");
        Assert.Contains("3.safetensors", Assert.Throws<FileNotFoundException>(() => Safetensors.Open(folder.Path)).Message);
        WriteCut(folder, "1.safetensors", "1.safetensors");
        Assert.Contains("holds tensor 'b'; it does not", Assert.Throws<InvalidDataException>(() => Safetensors.Open(folder.Path)).Message);
    }

    private static Safetensors Read(byte[] file) => Safetensors.Read("test.safetensors", ReaderTarget.InMemory(file));

    private static void WriteCut(TemporaryFolder folder, string first, string second)
    {
        SafetensorsWriter.Write(folder["1.safetensors"], [new("a", "U8", [1], new byte[] { 0 })]);
        SafetensorsWriter.Write(folder["2.safetensors"], [new("b", "U8", [1], new byte[] { 1 })]);
        folder.Write(Safetensors.IndexName, Encoding.UTF8.GetBytes($$"""{"weight_map": {"a": "{{first}}", "b": "{{second}}" } }"""));
    }
}
