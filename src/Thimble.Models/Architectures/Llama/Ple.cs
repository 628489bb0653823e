using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>A Llama-like decoder with per-layer embeddings, as small devices run it: most parameters are looked up, not multiplied.</summary>
/// <remarks>Source: Sierbov, "esp32-ai", 2026; per-layer embeddings are Gemma 3n's.</remarks>
internal static class Ple
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("ple", Build);

    private static Decoder Build(Blueprint from)
    {
        int small = from.Count("embedding_length_per_layer_input");
        Rope rope = RopeScaling.Read(from, adjacent: false);
        Weight table = from.Table();
        var inputs = new PerLayerInputs(
            from.Linear("per_layer_model_proj", from.Layers * small, from.Width), from.Norm("per_layer_proj_norm"),
            from.Weight("per_layer_token_embd.weight", table.Rows, from.Layers * small), small);
        var layers = new SequentialLayers(from, new(from) { Rope = _ => rope });

        return new Decoder(
            new Embedding(table), from.Each(i => Layer(i, $"blk.{i}.")), from.Norm("output_norm"), new Head(from.HeadOver(table)), inputs);

        Layer Layer(int i, string at) => new([.. layers.At(i).Steps, new Residual(null, Injection(i, at), After: from.Norm(at + "post_norm"))]);

        Block Injection(int i, string at) => new PerLayerEmbedding(
            inputs, i, from.Linear(at + "inp_gate", small, from.Width), from.Linear(at + "proj", from.Width, small), Nonlinearity.GeluErf);
    }
}
