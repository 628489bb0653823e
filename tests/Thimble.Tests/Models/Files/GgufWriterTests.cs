using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class GgufWriterTests
{
    [Fact]
    public void What_was_read_is_written_back_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(GgufBytes.Small(), Rewritten(folder, folder.Write("a.gguf", GgufBytes.Small())));
        Assert.Equal(GgufBytes.Small(), Rewritten(folder, folder.Write("b.gguf", GgufBytes.Small(version: 2))));
        byte[] odd = new GgufBytes(0, 1).Key("a", 8).Text([0xFF, 0x61]).ToArray();
        Assert.Equal(odd, Rewritten(folder, folder.Write("c.gguf", odd)));
    }

    [SharedFact("models/ggml-vocab", cases: 6)]
    public void Vocabularies_of_others_come_back_byte_for_byte() => Rewrite("models/ggml-vocab");

    [Trait("Speed", "Slow")]
    [SharedFact("models/arch-fixtures", cases: 60)]
    public void Models_of_others_come_back_byte_for_byte() => Rewrite("models/arch-fixtures");

    [Fact]
    public void Values_made_here_are_read_back()
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "llama");
        metadata.Add("whole", 7L);
        metadata.Add("negative", -7L);
        metadata.Add("large", 1L << 40);
        metadata.Add("number", 0.5);
        metadata.Add("flag", false);
        metadata.Add("texts", MetadataArray.Of(["a", "ü"]));
        metadata.Add("flags", MetadataArray.Of([true, false]));
        metadata.Add("wholes", MetadataArray.Of([1L, -2]));
        metadata.Add("numbers", MetadataArray.Of([0.5, 2], GgufKind.Float64));
        metadata.Add("nested", MetadataArray.Of([MetadataArray.Of([new byte[] { 0xFF }]), MetadataArray.Of([3L], GgufKind.UInt8)]));
        using var folder = new TemporaryFolder();
        GgufWriter.Write(folder["made.gguf"], metadata, []);

        using var file = ModelFile.Open(folder["made.gguf"]);
        Assert.Equal((7L, -7L, 1L << 40), (file.Metadata.FindInteger("whole"), file.Metadata.FindInteger("negative"), file.Metadata.FindInteger("large")));
        Assert.Equal((0.5, false, GgufKind.UInt32), (file.Metadata.FindNumber("number"), file.Metadata.FindFlag("flag"), file.Metadata.Stored("whole").Kind));
        Assert.Equal(["a", "ü"], file.Metadata.FindArray("texts")!.Texts());
        Assert.Equal([1, -2], file.Metadata.FindArray("wholes")!.Integers());
        Assert.Equal([0.5, 2], file.Metadata.FindArray("numbers")!.Numbers());
        Assert.Equal([[0xFF]], file.Metadata.FindArray("nested")!.Arrays()[0].Bytes());
        Assert.Equal([3], file.Metadata.FindArray("nested")!.Arrays()[1].Integers());
    }

    [Theory, InlineData(1), InlineData(3)]
    public void A_tensor_is_encoded_alike_by_any_number_of_threads(int workers)
    {
        using var folder = new TemporaryFolder();
        float[] values = Values(64 * 20_000);   // two blocks of rows
        GgufWriter.Write(folder["plain.gguf"], new Metadata(), [TensorSource.Of("a", [64, 20_000], values, BlockFormats.Named("F32"))], workers: workers);
        using var plain = ModelFile.Open(folder["plain.gguf"]);
        Assert.True(values.AsSpan().SequenceEqual(plain.Vector("a")));

        GgufWriter.Write(folder["small.gguf"], new Metadata(), [TensorSource.Encode(plain.Tensor("a"), BlockFormats.Named("Q8_0"))], workers: workers);
        using var small = ModelFile.Open(folder["small.gguf"]);
        byte[] expected = new byte[small.Tensor("a").Length];
        BlockFormats.Named("Q8_0").Encode(values, [], expected);
        Assert.True(small.Tensor("a").Bytes().Slice(0, expected.Length).SequenceEqual(expected));
    }

    [Fact]
    public void Progress_counts_up_to_the_whole_file()
    {
        using var folder = new TemporaryFolder();
        var reports = new Reports();
        GgufWriter.Write(folder["a.gguf"], new Metadata(), [TensorSource.Of("a", [32], Values(32), BlockFormats.Named("F32")), TensorSource.Of("b", [32], Values(32), BlockFormats.Named("F32"))], reports);
        Assert.Equal(["a", "b"], reports.Seen.Select(report => report.Tensor));
        Assert.All(reports.Seen, report => Assert.Equal(new FileInfo(folder["a.gguf"]).Length, report.Total));
    }

    [Fact]
    public void Failure_leaves_the_old_file_and_no_half_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.gguf", [1, 2, 3]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => Write(new float[32], cancellation: cancelled.Token));
        Assert.Throws<InvalidDataException>(() => Write([.. Enumerable.Repeat(float.NaN, 32)]));
        Assert.Throws<InvalidDataException>(() => Write([.. Enumerable.Repeat(float.NaN, 32)], workers: 2));
        Assert.Equal(["a.gguf"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["a.gguf"]));

        void Write(float[] values, int workers = 1, CancellationToken cancellation = default) =>
            GgufWriter.Write(folder["a.gguf"], new Metadata(), [TensorSource.Of("a", [32], values, BlockFormats.Named("Q8_0"))], null, workers, cancellation);
    }

    [Fact]
    public void A_model_larger_than_the_disk_is_refused_before_it_is_written()
    {
        using var folder = new TemporaryFolder();
        var endless = new TensorSource("a", BlockFormats.Named("F32"), [1 << 20, 1 << 30], (_, _) => throw new InvalidOperationException("It was written."));
        var full = Assert.Throws<CapacityException>(() => GgufWriter.Write(folder["a.gguf"], new Metadata(), [endless]));
        Assert.True(full.Needed > full.Available);
        Assert.Contains("Make room", full.Message);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Values_that_do_not_fit_their_kind_are_refused()
    {
        Refuses("'a' holds 1 (Int64), which cannot be stored as Float32", 1L, GgufKind.Float32);
        Refuses("'a' holds 0.5 (Double), which cannot be stored as UInt32", 0.5, GgufKind.UInt32);
        Refuses("256 is to be stored as UInt8, which holds 0 to 255", 256L, GgufKind.UInt8);
        Refuses("-1 is to be stored as UInt64", -1L, GgufKind.UInt64);
        Refuses("-129 is to be stored as Int8, which holds -128 to 127", MetadataArray.Of([-129L], GgufKind.Int8), GgufKind.Array);

        static void Refuses(string message, object value, GgufKind kind)
        {
            var metadata = new Metadata();
            metadata.Add("a", value, kind);
            Assert.Contains(message, Assert.Throws<InvalidDataException>(() => GgufWriter.Write("never.gguf", metadata, [])).Message);
        }
    }

    [Fact]
    public void Impossible_tensors_are_refused()
    {
        BlockFormat format = BlockFormats.Named("F32");
        Assert.Contains("named 'a'", Refused(TensorSource.Of("a", [1], new float[1], format), TensorSource.Of("a", [1], new float[1], format)));
        Assert.Contains("[1, 1, 1, 1, 1]", Refused(TensorSource.Of("a", [1, 1, 1, 1, 1], new float[1], format)));
        Assert.Contains("[0]", Refused(TensorSource.Of("a", [0], Array.Empty<float>(), format)));
    }

    private static string Refused(params TensorSource[] tensors) =>
        Assert.Throws<ArgumentException>(() => GgufWriter.Write("never.gguf", new Metadata(), tensors)).Message;

    private static void Rewrite(string shared)
    {
        using var folder = new TemporaryFolder();
        foreach (string path in Directory.EnumerateFiles(Golden.Shared(shared), "*.gguf"))
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(Rewritten(folder, path)), path);
    }

    private static byte[] Rewritten(TemporaryFolder folder, string path)
    {
        using var file = ModelFile.Open(path);
        GgufWriter.Write(folder["rewritten"], file.Metadata, [.. file.Tensors.Select(TensorSource.Copy)]);
        return File.ReadAllBytes(folder["rewritten"]);
    }

    private static float[] Values(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private sealed class Reports : IProgress<WriteProgress>
    {
        public List<WriteProgress> Seen { get; } = [];

        public void Report(WriteProgress value) => Seen.Add(value);
    }
}
