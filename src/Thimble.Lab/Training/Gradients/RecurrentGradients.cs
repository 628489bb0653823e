using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Convolutions and heads with matrices on a tape: LFM2, Mamba 2 and the gated delta rule.</summary>
internal static class RecurrentGradients
{
    [ModuleInitializer]
    internal static void Register()
    {
        Gradients.Add<GatedConvolution>(Convolve);
        Gradients.Add<StateSpaceDuality>(Dual);
        Gradients.Add<DeltaNet>(Delta);
    }

    private static Value Convolve(Graph graph, Tape tape, GatedConvolution block, Value x)
    {
        int channels = block.Convolution.Channels;
        Value[] parts = graph.Multiply(tape, block.Input, x, channels, channels, channels);
        Value mixed = Mixed(graph, tape, block.Convolution, Product.Of(tape, parts[0], parts[2]));
        return graph.MultiplyWhole(tape, block.Output, Product.Of(tape, parts[1], mixed));
    }

    private static Value Dual(Graph graph, Tape tape, StateSpaceDuality block, Value x)
    {
        MatrixMemory memory = block.Memory;
        int values = memory.Values;
        Value[] parts = graph.Multiply(tape, block.Input, x, values, block.Convolution.Channels, memory.Heads);
        Value mixed = Mixed(graph, tape, block.Convolution, parts[1]);
        Value rates = Fading.Of(tape, parts[2], graph.Of(block.StepBias)!, graph.Of(block.Decay)!);
        Value scanned = MatrixScanning.Of(tape, memory, mixed, (values + memory.Keys, values, 0), rates, graph.Of(memory.Skip));
        scanned = Activation.Of(tape, Nonlinearity.Silu, parts[0], scanned);
        if (block.Norm is not null)
            scanned = graph.Normalise(tape, block.Norm, scanned, values / memory.KeyHeads);
        return graph.MultiplyWhole(tape, block.Output, scanned);
    }

    private static Value Delta(Graph graph, Tape tape, DeltaNet block, Value x)
    {
        MatrixMemory memory = block.Memory;
        int keys = memory.Keys, gates = block.Gated ? memory.Values : 0, channels = block.Convolution.Channels;
        Value all = graph.MultiplyWhole(tape, block.Input, x), mixed = Mixed(graph, tape, block.Convolution, Columns.Of(tape, all, 0, channels));
        Value q = Lengths.Of(tape, Columns.Of(tape, mixed, 0, keys), memory.KeySize, 1 / MathF.Sqrt(memory.KeySize), block.Least);
        Value k = Lengths.Of(tape, Columns.Of(tape, mixed, keys, keys), memory.KeySize, 1, block.Least);
        Value heads = Columns.Joined(tape, q, k, Columns.Of(tape, mixed, 2 * keys, memory.Values));
        Value y = MatrixScanning.Of(tape, memory, heads, (0, keys, 2 * keys), Rates(graph, tape, block, all, channels + gates), graph.Of(memory.Skip));
        if (block.Norm is not null)
            y = graph.Normalise(tape, block.Norm, y, memory.ValueSize);
        if (block.Gated)
            y = Activation.Of(tape, Nonlinearity.Silu, Columns.Of(tape, all, channels, gates), y);
        return graph.MultiplyWhole(tape, block.Output, y);
    }

    /// <summary>What each head keeps and how much it writes, shape [rows, 2 · heads].</summary>
    private static Value Rates(Graph graph, Tape tape, DeltaNet block, Value all, int first)
    {
        int heads = block.Memory.Heads, together = block.Together, each = block.Fading is null ? 1 : 2;
        Value Side(int offset) => Columns.Joined(tape, [.. Enumerable.Range(0, heads / together).Select(i => Columns.Of(tape, all, first + (i * together * each) + offset, together))]);
        Value written = Activation.Of(tape, Nonlinearity.Sigmoid, Side(0));
        if (block.Fading is not { } fading)
        {
            Value kept = tape.Rent(all.Rows, heads, isVaried: false);
            kept.Result.Values.Fill(1);
            return Columns.Joined(tape, kept, written);
        }

        return Columns.Joined(tape, Columns.Of(tape, Fading.Of(tape, Side(together), graph.Of(fading.Bias)!, graph.Of(fading.A)!), 0, heads), written);
    }

    private static Value Mixed(Graph graph, Tape tape, ShortConvolution block, Value x)
    {
        Value y = CausalConvolution.Of(tape, x, graph.Of(block.Weight)!, graph.Of(block.Bias));
        return block.Function is null ? y : Activation.Of(tape, block.Function, y);
    }
}
