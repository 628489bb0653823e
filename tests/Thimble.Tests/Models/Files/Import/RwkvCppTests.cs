using System.Text;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class RwkvCppTests
{
    private const string Four = "rwkv-tiny/tiny-rwkv-4v0-660K-FP32.bin", Seven = "rwkv-tiny/tiny-rwkv-7v0-834K-FP32.bin";

    [Theory]
    [InlineData("4v0-660K", "rwkv4", 128, 4, 256, null)]
    [InlineData("5v2-730K", "rwkv5", 64, 12, 256, 8)]
    [InlineData("7v0-834K", "rwkv7", 64, 12, 256, 64)]
    public void Version_is_told_by_the_tensors(string name, string architecture, int width, int layers, int feedForward, int? headSize)
    {
        foreach (string format in (string[])["FP32", "Q5_1"])
        {
            using var file = ModelFile.Open(Golden.Path($"rwkv-tiny/tiny-rwkv-{name}-{format}.bin"));
            Assert.Equal(architecture, file.Architecture);
            Assert.Equal((width, layers, feedForward, headSize), (file.Int("embedding_length"), file.Int("block_count"), file.Int("feed_forward_length"), file.FindInt("wkv.head_size")));
            Assert.Equal(format == "FP32" ? "F32" : "Q5_1", file.Tensor("blk.1.time_mix_key.weight").Format);
            Assert.Equal([width, 256L], file.Tensor("output.weight").Shape);
        }
    }

    [Fact]
    public void Seven_has_the_shapes_of_a_converted_file()
    {
        using var file = ModelFile.Open(Golden.Path(Seven));
        Assert.Equal([64L, 1, 1, 6], file.Tensor("blk.3.time_mix_lerp_fused.weight").Shape);
        Assert.Equal([64L, 32], file.Tensor("blk.3.time_mix_w1.weight").Shape);
        Assert.Equal([32L, 64], file.Tensor("blk.3.time_mix_g2.weight").Shape);
        foreach (string vector in (string[])["w0", "a0", "v0", "k_k", "k_a", "r_k"])
            Assert.Equal([64L], file.Tensor($"blk.0.time_mix_{vector}.weight").Shape);
        Assert.Equal(file.Tensor("blk.0.time_mix_a1.weight").Values(), file.Tensor("blk.0.time_mix_v1.weight").Values());
        Assert.NotEqual(file.Tensor("blk.1.time_mix_a1.weight").Values(), file.Tensor("blk.1.time_mix_v1.weight").Values());
        foreach (string rank in (string[])["decay", "iclr", "value_residual_mix", "gate"])
            Assert.Equal(32, file.Int($"attention.{rank}_lora_rank"));
    }

    [Fact]
    public void Five_has_a_decay_for_each_channel_of_each_head()
    {
        using var file = ModelFile.Open(Golden.Path("rwkv-tiny/tiny-rwkv-5v2-730K-FP32.bin"));
        Assert.Equal([8L, 8], file.Tensor("blk.0.time_mix_decay.weight").Shape);
        Assert.Equal([8L, 8], file.Tensor("blk.0.time_mix_first.weight").Shape);
        Assert.All(file.Tensor("blk.0.time_mix_decay.weight").Values(), decay => Assert.InRange(decay, 0, 1));
        Assert.Equal(1e-5f, file.Float("attention.group_norm_epsilon"));
    }

    [Fact]
    public void Values_are_the_file_s()
    {
        using var file = ModelFile.Open(Golden.Path(Four));
        byte[] bytes = File.ReadAllBytes(Golden.Path(Four));
        Assert.Equal(BitConverter.ToSingle(bytes, 24 + 12 + 8 + "emb.weight".Length), file.Tensor("token_embd.weight").Values()[0]);
        Assert.Equal(BitConverter.ToSingle(bytes, bytes.Length - 4), file.Tensor("output.weight").Values()[^1]);
    }

    [Fact]
    public void Vocabulary_is_the_256_bytes()
    {
        using var file = ModelFile.Open(Golden.Path(Four));
        string[] tokens = file.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts();
        Assert.Equal("rwkv", file.Metadata.FindText("tokenizer.ggml.model"));
        Assert.Equal(256, tokens.Distinct().Count());
        Assert.Equal(["\\x00", "\\n", "A", "\\\\", "\\xff"], [tokens[0], tokens[10], tokens[65], tokens[92], tokens[255]]);
    }

    /// <summary>No fixture of version 6 or 5.1 is small enough to carry; the tables are tried on files of zeros and counts.</summary>
    [Theory]
    [InlineData("rwkv6")]
    [InlineData("rwkv5")]
    public void Version_without_a_fixture_is_mapped(string architecture)
    {
        using var scratch = new Scratch();
        string path = scratch.Write("m.bin", architecture == "rwkv6" ? Six() : FiveOne());
        using var file = ModelFile.Open(path);
        Assert.Equal(architecture, file.Architecture);
        Assert.Equal(4, file.Int("wkv.head_size"));
        Assert.Equal([4L, 2], file.Tensor("blk.0.time_mix_first.weight").Shape);
        if (architecture == "rwkv6")
        {
            Assert.Equal([8L, 1, 1, 5], file.Tensor("blk.0.time_mix_lerp_fused.weight").Shape);
            Assert.Equal((2, 3), (file.Int("time_mix_extra_dim"), file.Int("time_decay_extra_dim")));
        }
        else
        {
            Assert.Equal([0f, 0, 0, 0, 1, 1, 1, 1], file.Tensor("blk.0.time_mix_decay.weight").Values());
        }
    }

    [Theory]
    [InlineData(1, 99, "version")]
    [InlineData(2, 0, "vocabulary")]
    [InlineData(2, 255, "emb.weight")]
    [InlineData(3, -1, "width")]
    [InlineData(4, 5, "blocks.4")]
    [InlineData(6, 4, "the dimensions of the tensor at 24")]
    [InlineData(7, int.MaxValue, "the name's length of the tensor at 24")]
    [InlineData(9, 0, "dimension 0")]
    [InlineData(9, 1 << 24, "emb.weight")]
    public void Absurd_header_is_refused(int field, int value, string named)
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Four, field, value);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    public void Withdrawn_type_is_refused(int field)
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Four, field, 5);
        Assert.Contains("known: 0 (F32), 1 (F16), 2 (Q4_0)", Assert.Throws<NotSupportedException>(() => ModelFile.Open(path)).Message);
    }

    [Fact]
    public void World_vocabulary_is_read_from_beside_the_model()
    {
        using var scratch = new Scratch();
        string path = scratch.Write("m.bin", FiveOne(vocabulary: 6));
        Assert.Contains("rwkv_vocab_v20230424.txt", Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
        scratch.Write("rwkv_vocab_v20230424.txt", "1 '\\x00' 1\n2 b'\\xff' 1\n3 ' \"' 2\n4 'é' 2\n");
        using var file = ModelFile.Open(path);
        Assert.Equal(["<s>", "\\x00", "\\xff", " \"", "\\xc3\\xa9", "[PAD5]"], file.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts());
    }

    [Trait("Speed", "Slow")]
    [SharedFact("models/rwkv-tiny/rwkv_vocab_v20230424.txt", cases: 1)]
    public void Whole_World_vocabulary_is_read()
    {
        using var scratch = new Scratch();
        string path = scratch.Write("m.bin", FiveOne(vocabulary: 65536));
        File.Copy(Golden.Shared("models/rwkv-tiny/rwkv_vocab_v20230424.txt"), scratch["rwkv_vocab_v20230424.txt"]);
        using var file = ModelFile.Open(path);
        string[] tokens = file.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts();
        Assert.Equal(tokens.Length, tokens.Distinct().Count());
        Assert.Equal(65530, file.Metadata.FindArray("tokenizer.ggml.token_type")!.Integers().Count(kind => kind != 5));
    }

    private static readonly (string Name, int[] Shape)[] s_always =
    [
        ("ln1.weight", [8]), ("ln1.bias", [8]), ("ln2.weight", [8]), ("ln2.bias", [8]), ("att.key.weight", [8, 8]), ("att.value.weight", [8, 8]),
        ("att.receptance.weight", [8, 8]), ("att.output.weight", [8, 8]), ("att.ln_x.weight", [8]), ("att.ln_x.bias", [8]),
        ("ffn.key.weight", [8, 16]), ("ffn.value.weight", [16, 8]), ("ffn.receptance.weight", [8, 8]),
    ];

    private static byte[] Six() => Model(256,
    [
        .. "xwkvrg".Select(part => ($"att.time_maa_{part}", (int[])[8])), ("att.time_maa_w1", [8, 10]), ("att.time_maa_w2", [2, 8, 5]),
        ("att.time_decay", [8]), ("att.time_decay_w1", [8, 3]), ("att.time_decay_w2", [3, 8]), ("att.time_faaaa", [1, 4, 2]),
        ("ffn.time_maa_k", [8]), ("ffn.time_maa_r", [8]), ("att.gate.weight", [8, 8]),
    ]);

    private static byte[] FiveOne(int vocabulary = 256) => Model(vocabulary,
    [
        .. "kvr".Select(part => ($"att.time_mix_{part}", (int[])[8])), ("att.time_decay", [1, 1, 2]), ("att.time_first", [1, 1, 2]),
        ("ffn.time_mix_k", [8]), ("ffn.time_mix_r", [8]),
    ]);

    /// <summary>A model of one layer and width 8 whose tensors count 0, 1, 2, …</summary>
    private static byte[] Model(int vocabulary, IEnumerable<(string Name, int[] Shape)> layer)
    {
        using var memory = new MemoryStream();
        using var file = new BinaryWriter(memory);
        foreach (int field in (int[])[0x67676D66, 101, vocabulary, 8, 1, 0])
            file.Write(field);
        Add("emb.weight", [8, vocabulary]);
        foreach (string name in (string[])["blocks.0.ln0.weight", "blocks.0.ln0.bias", "ln_out.weight", "ln_out.bias"])
            Add(name, [8]);
        foreach ((string name, int[] shape) in s_always.Concat(layer))
            Add("blocks.0." + name, shape);
        Add("head.weight", [8, vocabulary]);
        return memory.ToArray();

        void Add(string name, int[] shape)
        {
            foreach (int field in (int[])[shape.Length, name.Length, 0, .. shape])
                file.Write(field);
            file.Write(Encoding.ASCII.GetBytes(name));
            for (int i = 0; i < shape.Aggregate(1, (product, size) => product * size); i++)
                file.Write((float)i);
        }
    }
}
