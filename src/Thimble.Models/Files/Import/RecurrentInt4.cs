using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>Small recurrent models in four bits (<c>lstm-*.bin</c>, <c>gru-*.bin</c>), architectures <c>lstm</c> and <c>gru</c>.</summary>
/// <remarks>
/// <para>With <c>d</c> the embedding's width, <c>h</c> the hidden width padded to whole blocks, <c>G</c> gates (LSTM 4:
/// input, forget, cell, output; GRU 3: reset, update, new), and shapes row length first:</para>
/// <list type="table">
/// <item><c>token_embd.weight</c> [d, vocabulary]: the embedding and the head.</item>
/// <item><c>blk.N.rnn_input.weight</c> [d or, from layer 1, h, G·h] and <c>.bias</c> [G·h]: multiplies what comes from below;
/// gate after gate, h rows each.</item>
/// <item><c>blk.N.rnn_hidden.weight</c> [h, G·h] and <c>.bias</c> [G·h]: multiplies the layer's last hidden state.</item>
/// <item><c>output_proj.weight</c> [h, d], then <c>output_norm.weight</c> [d].</item>
/// </list>
/// <para>Padding is exact: a padded unit has zero weights and biases, so an LSTM's cell gets σ(0) · tanh(0) = 0 and a GRU's
/// new state is tanh(0) = 0; it stays zero for ever, and only zero columns read it.</para>
/// <para>Source: Kabir and Munna, esp32-ple-tinylm, <c>export_rnn.py</c>; cells as PyTorch defines LSTM and GRU.</para>
/// </remarks>
internal static class RecurrentInt4
{
    private const int Magic = 0x524E4E31;   // "1NNR" in the file
    private const int Endless = 1 << 20;    // a recurrent state has no last position; llama.cpp writes this for RWKV

    [ModuleInitializer]
    internal static void Register() => ModelFiles.Add("int4 LSTM or GRU", Recognises, Open);

    /// <summary>Whether a file is one.</summary>
    internal static bool Recognises(FileStart start) =>
        start.Bytes.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(start.Bytes) == Magic;

    /// <summary>Opens one, with the tokenizer beside it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or no tokenizer lies beside it.</exception>
    internal static ModelFile Open(string path) => FileCursor.Open(path, (cursor, file) =>
    {
        cursor.Int("magic", Magic, Magic);
        int vocabulary = cursor.Dimension("vocabulary"), width = cursor.Dimension("embedding width");
        int hidden = cursor.Dimension("hidden width"), layers = cursor.Int("layers", 1, FileCursor.MostLayers);
        bool lstm = cursor.Int("cell (0 is LSTM, 1 is GRU)", 0, 1) == 0;
        cursor.Int("group", 1, FileCursor.LargestDimension);
        cursor.Take(2 * sizeof(int), "the header");

        int gates = lstm ? 4 : 3, padded = Int4Matrix.Padded(hidden);
        List<StoredTensor> tensors = [Matrix("token_embd", 1, vocabulary, vocabulary, width, width)];
        for (int i = 0; i < layers; i++)
        {
            tensors.Add(Matrix($"blk.{i}.rnn_input", gates, hidden, padded, i == 0 ? width : hidden, i == 0 ? width : padded));
            tensors.Add(Matrix($"blk.{i}.rnn_hidden", gates, hidden, padded, hidden, padded));
            tensors.Add(Bias($"blk.{i}.rnn_input.bias", cursor, gates, hidden, padded));
            tensors.Add(Bias($"blk.{i}.rnn_hidden.bias", cursor, gates, hidden, padded));
        }

        tensors.Add(Matrix("output_proj", 1, width, width, hidden, padded));
        tensors.Add(cursor.Floats("output_norm.weight", width));
        cursor.End();

        Metadata metadata = new ArchitectureKeys(lstm ? "lstm" : "gru", path, fileType: 2)
            .Add("vocab_size", vocabulary)
            .Add("context_length", Endless)
            .Add("embedding_length", width)
            .Add("hidden_length", padded)
            .Add("block_count", layers)
            .Add("attention.layer_norm_rms_epsilon", 1e-6)
            .Metadata;
        BesideTokenizer.AddTo(metadata, path, vocabulary);
        return new(path, metadata, tensors, file);

        StoredTensor Matrix(string name, int parts, int rows, int paddedRows, int columns, int paddedColumns) =>
            new Int4Matrix(cursor, name + ".weight", (long)parts * rows, columns)
                .Tensor(name + ".weight", parts, rows, paddedRows, paddedColumns);
    });

    private static StoredTensor Bias(string name, FileCursor cursor, int gates, int hidden, int padded)
    {
        StoredTensor stored = cursor.Floats(name, (long)gates * hidden);
        return hidden == padded ? stored : Computed.Tensor(name, BlockFormats.Named("F32"), [(long)gates * padded], memory =>
        {
            for (int gate = 0; gate < gates; gate++)
            {
                ReadOnlySpan<byte> source = stored.Bytes().Slice((long)gate * hidden * sizeof(float), hidden * sizeof(float));
                source.CopyTo(memory.Slice((long)gate * padded * sizeof(float), hidden * sizeof(float)));
            }
        });
    }
}
