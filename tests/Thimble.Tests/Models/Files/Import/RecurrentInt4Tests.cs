using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class RecurrentInt4Tests
{
    private const string Gru = "ple-tinystories-int4/gru-c1.5M-s0.bin";

    [Theory]
    [InlineData("lstm-c3M-s0", "lstm", 371, 384, 4)]
    [InlineData("gru-c1.5M-s0", "gru", 299, 320, 3)]
    public void Every_gate_is_padded_by_itself(string name, string architecture, int hidden, int padded, int gates)
    {
        string path = Golden.Path($"ple-tinystories-int4/{name}.bin");
        var reference = new Int4Reference(path);
        using var file = ModelFile.Open(path);
        Assert.Equal(architecture, file.Architecture);
        Assert.Equal((128, padded, 3), (file.Int("embedding_length"), file.Int("hidden_length"), file.Int("block_count")));
        Assert.Equal([0x524E4E31, 4096, 128, hidden, 3], reference.Header(9)[..5]);

        Check("token_embd", 1, 4096, 4096, 128, 128);
        for (int i = 0; i < 3; i++)
        {
            Check($"blk.{i}.rnn_input", gates, gates * hidden, padded, i == 0 ? 128 : hidden, i == 0 ? 128 : padded);
            Check($"blk.{i}.rnn_hidden", gates, gates * hidden, padded, hidden, padded);
            CheckBias($"blk.{i}.rnn_input.bias");
            CheckBias($"blk.{i}.rnn_hidden.bias");
        }

        Check("output_proj", 1, 128, 128, hidden, padded);
        Assert.Equal(reference.Vector(128), file.Tensor("output_norm.weight").Values());
        Assert.True(reference.AtEnd);

        void Check(string tensor, int parts, int rows, int paddedRows, int columns, int paddedColumns)
        {
            StoredTensor stored = file.Tensor(tensor + ".weight");
            Assert.Equal("Q4_0", stored.Format);
            Assert.Equal([paddedColumns, parts * paddedRows], stored.Shape);
            Assert.True(Int4Reference.Padded(reference.Matrix(rows, columns), parts, paddedRows, paddedColumns).AsSpan().SequenceEqual(stored.Values()));
        }

        void CheckBias(string tensor)
        {
            float[][] rows = [.. reference.Vector(gates * hidden).Select(value => new[] { value })];
            Assert.Equal(Int4Reference.Padded(rows, gates, padded, 1), file.Tensor(tensor).Values());
        }
    }

    [Theory]
    [InlineData(2, 0, "embedding width")]
    [InlineData(3, -5, "hidden width")]
    [InlineData(3, 1 << 24, "ends within")]
    [InlineData(4, 4097, "layers")]
    [InlineData(5, 2, "cell (0 is LSTM, 1 is GRU)")]
    [InlineData(5, 0, "group size")]
    [InlineData(6, 0, "group")]
    public void Absurd_header_is_refused(int field, int value, string named)
    {
        using var scratch = new Scratch();
        string path = scratch.WithField(Gru, field, value);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => ModelFile.Open(path)).Message);
    }
}
