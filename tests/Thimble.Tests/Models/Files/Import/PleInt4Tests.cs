using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class PleInt4Tests
{
    private const string Small = "ple-tinystories-int4/ple-d32-s0.bin", Large = "ple-tinystories-int4/ple-c3M-s0.bin", Tokenizer = "ple-tinystories-int4/tokenizer-4096.json";

    [Theory]
    [InlineData("ple-d32-s0", 32, 447, 448)]
    [InlineData("ple-c1M-s0", 64, 198, 224)]
    [InlineData("ple-c3M-s0", 64, 1066, 1088)]
    public void Every_weight_is_nibble_times_scale_and_padding_is_zero(string name, int p, int ff, int padded)
    {
        string path = Golden.Path($"ple-tinystories-int4/{name}.bin");
        var reference = new Int4Reference(path);
        using var file = ModelFile.Open(path);
        Assert.Equal([0x504C4531, 4096, 128, 6, 4, ff, p, 512, 128], reference.Header(9));
        reference.Vector(1);

        Check("token_embd", 4096, 128);
        Check("per_layer_model_proj", 6 * p, 128);
        Assert.Equal(reference.Vector(p), file.Tensor("per_layer_proj_norm.weight").Values());
        Check("per_layer_token_embd", 4096, 6 * p);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(reference.Vector(128), file.Tensor($"blk.{i}.attn_norm.weight").Values());
            Check($"blk.{i}.attn_qkv", 384, 128);
            Check($"blk.{i}.attn_output", 128, 128);
            Assert.Equal(reference.Vector(128), file.Tensor($"blk.{i}.ffn_norm.weight").Values());
            Check($"blk.{i}.ffn_gate", ff, 128, padded, 128);
            Check($"blk.{i}.ffn_up", ff, 128, padded, 128);
            Check($"blk.{i}.ffn_down", 128, ff, 128, padded);
            Check($"blk.{i}.inp_gate", p, 128);
            Check($"blk.{i}.proj", 128, p);
            Assert.Equal(reference.Vector(128), file.Tensor($"blk.{i}.post_norm.weight").Values());
        }

        Assert.Equal(reference.Vector(128), file.Tensor("output_norm.weight").Values());
        Assert.True(reference.AtEnd);

        void Check(string tensor, int rows, int columns, int paddedRows = 0, int paddedColumns = 0)
        {
            (int moreRows, int moreColumns) = (Math.Max(rows, paddedRows), Math.Max(columns, paddedColumns));
            StoredTensor stored = file.Tensor(tensor + ".weight");
            Assert.Equal("Q4_0", stored.Format);
            Assert.Equal([moreColumns, moreRows], stored.Shape);
            Assert.True(Int4Reference.Padded(reference.Matrix(rows, columns), 1, moreRows, moreColumns).AsSpan().SequenceEqual(stored.Values()));
        }
    }

    [Fact]
    public void Keys_say_what_a_block_needs()
    {
        using var file = ModelFile.Open(Golden.Path(Large));
        Assert.Equal("ple", file.Architecture);
        Assert.Equal((6, 128, 1088, 64, 4, 32, 512, 4096), (file.Int("block_count"), file.Int("embedding_length"), file.Int("feed_forward_length"),
            file.Int("embedding_length_per_layer_input"), file.Int("attention.head_count"), file.Int("rope.dimension_count"), file.Int("context_length"), file.Int("vocab_size")));
        Assert.Equal((1e-6f, 10000f), (file.Float("attention.layer_norm_rms_epsilon"), file.Float("rope.freq_base")));
        Assert.Equal((0L, 0L, true), (file.Metadata.FindInteger("tokenizer.ggml.bos_token_id"), file.Metadata.FindInteger("tokenizer.ggml.eos_token_id"),
            file.Metadata.FindFlag("tokenizer.ggml.add_bos_token")));
        Assert.Equal("<|endoftext|>", file.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts()[0]);
    }

    /// <summary>A per-layer width of 20 makes rows that no block format takes; the values must be the same all the same.</summary>
    [Fact]
    public void Width_that_cannot_grow_becomes_floats()
    {
        using var scratch = new Scratch();
        scratch.Copy(Tokenizer);
        string path = scratch.Write("odd.bin", OddModel());
        using var file = ModelFile.Open(path);
        Assert.Equal("F32", file.Tensor("blk.0.proj.weight").Format);
        Assert.Equal("F32", file.Tensor("per_layer_token_embd.weight").Format);
        Assert.Equal("Q4_0", file.Tensor("blk.0.inp_gate.weight").Format);
        Assert.Equal([20L, 32], file.Tensor("blk.0.proj.weight").Shape);
        var reference = new Int4Reference(path);
        reference.Header(10);
        reference.Matrix(4096, 32);
        reference.Matrix(20, 32);
        reference.Vector(20);
        Assert.Equal(Int4Reference.Padded(reference.Matrix(4096, 20), 1, 4096, 20), file.Tensor("per_layer_token_embd.weight").Values());
    }

    [Theory]
    [InlineData(1, -1, "vocabulary")]
    [InlineData(1, int.MaxValue, "vocabulary")]
    [InlineData(2, 130, "width")]
    [InlineData(3, int.MaxValue, "layers")]
    [InlineData(3, 4000, "ends within")]
    [InlineData(4, 0, "heads")]
    [InlineData(5, 1 << 24, "ends within")]
    [InlineData(5, 100, "group size")]
    [InlineData(6, 1 << 24, "per-layer width")]
    [InlineData(7, 0, "context")]
    [InlineData(9, 0x7FC00000, "rope theta")]
    [InlineData(10, 0, "group size of 'token_embd.weight'")]
    public void Absurd_header_is_refused(int field, int value, string named)
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Large, field, value);
        string message = Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message;
        Assert.Contains(named, message);
        Assert.Contains("ple-c3M-s0.bin", message);
    }

    [Fact]
    public void Wrong_length_is_told()
    {
        using var scratch = new Scratch();
        string path = scratch.Changed(Small, bytes => [.. bytes, 0, 0, 0, 0]);
        Assert.Contains("has 1464136 bytes; its header describes 1464132", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
        scratch.Changed(Small, bytes => bytes[..^1]);
        Assert.Contains("ends within tensor 'output_norm.weight'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }

    [Fact]
    public void Missing_tokenizer_is_named()
    {
        using var scratch = new Scratch();
        string path = scratch.Copy(Small);
        Assert.Contains("'tokenizer-4096.json' and 'tokenizer.json'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }

    private static byte[] OddModel()
    {
        var random = new Random(7);
        using var memory = new MemoryStream();
        using var file = new BinaryWriter(memory);
        foreach (int field in (int[])[0x504C4531, 4096, 32, 1, 2, 32, 20, 64, 64])
            file.Write(field);
        file.Write(10000f);
        Matrix(4096, 32);
        Matrix(20, 32);
        Vector(20);
        Matrix(4096, 20);
        Vector(32);
        Matrix(96, 32);
        Matrix(32, 32);
        Vector(32);
        Matrix(32, 32);
        Matrix(32, 32);
        Matrix(32, 32);
        Matrix(20, 32);
        Matrix(32, 20);
        Vector(32);
        Vector(32);
        return memory.ToArray();

        void Vector(int length) => Array.ForEach(new float[length], _ => file.Write(random.NextSingle()));

        void Matrix(int rows, int columns)
        {
            byte[] nibbles = new byte[rows * ((columns + 1) / 2)];
            random.NextBytes(nibbles);
            file.Write(64);
            file.Write(nibbles);
            Array.ForEach(new Half[rows * ((columns + 63) / 64)], _ => file.Write((Half)random.NextSingle()));
        }
    }
}
