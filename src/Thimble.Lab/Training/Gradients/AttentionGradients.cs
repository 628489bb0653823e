using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Grouped attention on a tape.</summary>
internal static class AttentionGradients
{
    [ModuleInitializer]
    internal static void Register() => Gradients.Add<GroupedAttention>(Apply);

    private static Value Apply(Graph graph, Tape tape, GroupedAttention block, Value x)
    {
        Refuse(block);
        HeadShape keys = block.Keys;
        int queries = block.Heads * keys.KeySize;
        Value[] parts = graph.Multiply(tape, block.Qkv, x, queries, keys.Heads * keys.KeySize, keys.Heads * keys.ValueSize);
        Value q = Place(graph, tape, block, block.QNorm, parts[0]), k = Place(graph, tape, block, block.KNorm, parts[1]), v = parts[2];
        if (block.VNorm is not null)
            v = graph.Normalise(tape, block.VNorm, v, keys.ValueSize);
        if (graph.Lead is { } lead)
            (k, v) = lead.Keys(tape, block, k, v);
        var shape = new AttentionShape(block.Heads, keys.Heads, keys.KeySize, keys.ValueSize, block.Rule, graph.Of(block.Rule.Sinks));
        Value mixed = Attending.Of(tape, q, k, v, shape);
        if (block.Inner is not null)
            mixed = graph.Normalise(tape, block.Inner, mixed);
        return graph.MultiplyWhole(tape, block.Output, mixed);
    }

    private static Value Place(Graph graph, Tape tape, GroupedAttention block, Norm? norm, Value x)
    {
        int size = block.Keys.KeySize;
        if (norm is not null && !block.NormsLast)
            x = graph.Normalise(tape, norm, x, size);
        if (block.Rope is not null)
            x = Rotary.Of(tape, x, size, block.Rope);
        return norm is not null && block.NormsLast ? graph.Normalise(tape, norm, x, size) : x;
    }

    private static void Refuse(GroupedAttention block)
    {
        string? feature = block.Lender is not null ? "keys lent by another layer"
            : block.Gated ? "gated outcomes"
            : block.Clamp != 0 ? "clamped queries"
            : block.Temperature is not null ? "queries that grow with their position"
            : block.Rule.Distances is not null ? "scores by distance"
            : null;
        if (feature is not null)
            throw new NotSupportedException($"Attention with {feature} cannot be trained yet.");
    }
}
