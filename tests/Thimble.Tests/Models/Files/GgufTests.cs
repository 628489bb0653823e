using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class GgufTests
{
    [Theory, InlineData(2), InlineData(3)]
    public void Every_kind_of_value_is_read(uint version)
    {
        Metadata metadata = Read(GgufBytes.Small(version)).Metadata;
        (string, object)[] expected =
        [
            ("general.architecture", "llama"), ("u8", 200L), ("i8", -128L), ("u16", 65535L), ("i16", -32768L), ("u32", 4_000_000_000L), ("i32", -1L),
            ("f32", 1.5), ("flag", true), ("u64", ulong.MaxValue), ("i64", long.MinValue), ("f64", 0.1),
        ];
        foreach ((string key, object value) in expected)
            Assert.Equal(value, Value(metadata, key));
    }

    [Fact]
    public void Arrays_are_decoded_when_asked_for()
    {
        Metadata metadata = Read(GgufBytes.Small()).Metadata;
        Assert.Equal(["a", "", "ü"], metadata.FindArray("tokens")!.Texts());
        Assert.Equal([[97], [], [0xC3, 0xBC]], metadata.FindArray("tokens")!.Bytes());
        Assert.Equal([1, -1, 3], metadata.FindArray("types")!.Integers());
        Assert.Equal([1.0, -1, 3], metadata.FindArray("types")!.Numbers());
        Assert.Equal([0.5, -2], metadata.FindArray("scores")!.Numbers());
        Assert.Equal([false, true], metadata.FindArray("flags")!.Flags());
        MetadataArray[] nested = metadata.FindArray("nested")!.Arrays();
        Assert.Equal([1, 2], nested[0].Integers());
        Assert.Equal(["x"], nested[1].Texts());
    }

    [Fact]
    public void An_array_of_another_type_is_refused_by_name()
    {
        MetadataArray tokens = Read(GgufBytes.Small()).Metadata.FindArray("tokens")!;
        Assert.Contains("'tokens' is an array of 3 String; expected numbers", Assert.Throws<InvalidDataException>(tokens.Numbers).Message);
        Assert.Throws<InvalidDataException>(tokens.Integers);
        Assert.Throws<InvalidDataException>(tokens.Flags);
        Assert.Throws<InvalidDataException>(tokens.Arrays);
        Assert.Throws<InvalidDataException>(Read(GgufBytes.Small()).Metadata.FindArray("scores")!.Integers);
    }

    [Fact]
    public void Tensors_lie_where_the_file_says()
    {
        GgufPart part = Read(GgufBytes.Small());
        Assert.Equal(["blk.0.weight", "blk.1.weight"], part.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([3, 2], part.Tensors[0].Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], part.Tensors[0].Values());
        Assert.Equal([7, 8], part.Tensors[1].Values());
    }

    [Theory, InlineData(1), InlineData(8), InlineData(64), InlineData(4096)]
    public void Any_power_of_two_may_be_the_alignment(int alignment)
    {
        byte[] file = new GgufBytes(1, 1).Key("general.alignment", 4).UInt32((uint)alignment).Tensor("a", 0, (ulong)alignment, 2)
            .Align(alignment).Raw(new byte[alignment]).Floats(1, 2).ToArray();
        Assert.Equal([1, 2], Read(file).Tensors[0].Values());
    }

    [Fact]
    public void A_text_that_is_no_utf8_keeps_its_bytes()
    {
        Metadata metadata = Read(new GgufBytes(0, 1).Key("a", 8).Text([0x61, 0xFF]).ToArray()).Metadata;
        Assert.Equal("a\uFFFD", metadata.FindText("a"));
        Assert.Equal([0x61, 0xFF], metadata.Stored("a").Raw);
    }

    [Fact]
    public void A_tensor_of_an_unknown_type_is_listed_but_not_read()
    {
        StoredTensor tensor = Read(new GgufBytes(1, 0).Tensor("a", 9999, 0, 2).Align(32).ToArray()).Tensors[0];
        Assert.Equal("unknown (9999)", tensor.Format);
        string message = Assert.Throws<NotSupportedException>(tensor.Values).Message;
        Assert.Contains("'a' of 'test.gguf' has GGUF type 9999", message);
        Assert.Contains("0 F32", message);
        Assert.Contains("8 Q8_0", message);
    }

    [Fact]
    public void A_scalar_is_a_tensor_of_one_value() =>
        Assert.Equal([5], Read(new GgufBytes(1, 0).Tensor("a", 0, 0).Align(32).Floats(5).ToArray()).Tensors[0].Values());

    [SharedFact("models/ggml-vocab", cases: 6)]
    public void Vocabularies_of_others_are_read()
    {
        foreach (string path in Directory.EnumerateFiles(Golden.Shared("models/ggml-vocab"), "*.gguf"))
        {
            using var file = ModelFile.Open(path);
            MetadataArray tokens = file.Metadata.FindArray("tokenizer.ggml.tokens")!;
            Assert.True(tokens.Count > 30_000);
            Assert.Equal(tokens.Count, tokens.Texts().Length);
            Assert.Equal(tokens.Count, file.Metadata.FindArray("tokenizer.ggml.token_type")!.Integers().Length);
        }
    }

    [Fact]
    public void A_tensor_may_lie_beyond_four_gigabytes()
    {
        using var folder = new TemporaryFolder();
        const ulong Far = 5UL << 30;
        byte[] header = new GgufBytes(2, 0).Tensor("far", 0, Far, 2).Tensor("large", 0, 0, 1 << 20, 1 << 10).Align(32).ToArray();
        using (FileStream sparse = File.Create(folder["far.gguf"]))
        {
            sparse.Write(header);
            sparse.Position = header.Length + (long)Far;
            sparse.Write(new GgufBytes(0, 0).Floats(3, 4).ToArray().AsSpan(^8..));
        }

        using var file = ModelFile.Open(folder["far.gguf"]);
        Assert.Equal([3, 4], file.Vector("far"));
        Assert.Equal(0, file.Tensor("large").Bytes().Slice((4L << 30) - 1, 1)[0]);
    }

    internal static GgufPart Read(byte[] bytes) => Gguf.Read("test.gguf", ReaderTarget.InMemory(bytes));

    private static object Value(Metadata metadata, string key) => metadata.TryGet(key, out object? value) ? value : "missing";
}
