using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Language models of stacked LSTM or GRU layers, with a projection back to the embedding's width.</summary>
/// <remarks>Source: Mikolov et al., "Recurrent neural network based language model", 2010; with cells as PyTorch defines them.</remarks>
internal static class RecurrentCells
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("lstm", from => Build(from, gates: 4, (input, hidden) => new LstmCell(input, hidden)));
        Architectures.Add("gru", from => Build(from, gates: 3, (input, hidden) => new GruCell(input, hidden)));
    }

    private static Decoder Build(Blueprint from, int gates, Func<Linear, Linear, RecurrentCell> cell)
    {
        int hidden = from.Count("hidden_length");
        Weight table = from.Table();
        var projection = new Layer(new Through(null, from.Linear("output_proj", from.Width, hidden)));

        return new Decoder(
            new Embedding(table), [.. from.Each(Layer), projection], from.Norm("output_norm"), new Head(from.HeadOver(table)));

        Layer Layer(int i) => new(new Through(null, cell(
            from.Linear($"blk.{i}.rnn_input", gates * hidden, i == 0 ? from.Width : hidden),
            from.Linear($"blk.{i}.rnn_hidden", gates * hidden, hidden))));
    }
}
