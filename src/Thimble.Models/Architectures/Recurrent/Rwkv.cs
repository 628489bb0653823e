using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The RWKV line: recurrent models trained like transformers. Versions differ in their time mix.</summary>
/// <remarks>Source: see the blocks; tensor names and shapes are llama.cpp's, where it has the version.</remarks>
internal static class Rwkv
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("rwkv4", from => Build(from, (_, at) => TimeMix4(from, at), gated: true));
        Architectures.Add("rwkv5", from => Build(from, (_, at) => TimeMix5(from, at), gated: true));
        Architectures.Add("rwkv7", from =>
        {
            object values = new();
            return Build(from, (i, at) => TimeMix7(from, i, at, values), gated: false);
        });
    }

    private static Decoder Build(Blueprint from, Func<int, string, Mixer> timeMix, bool gated)
    {
        Weight table = from.Table();
        return new Decoder(
            new Embedding(table, Norm: from.Norm("token_embd_norm")), from.Each(Layer), from.Norm("output_norm"),
            new Head(from.HeadOver(table)));

        Layer Layer(int i)
        {
            string at = $"blk.{i}.";
            return new(
                new Residual(from.Norm(at + "attn_norm"), timeMix(i, at)),
                new Residual(from.Norm(at + "attn_norm_2"), ChannelMix(at)));
        }

        Mixer ChannelMix(string at) => new RwkvChannelMix(
            gated ? Lerp(from, at + "channel_mix_lerp_k") : Complement(Lerp(from, at + "channel_mix_lerp_k")),
            from.Linear(at + "channel_mix_key", columns: from.Width), from.Linear(at + "channel_mix_value", from.Width),
            gated ? Lerp(from, at + "channel_mix_lerp_r") : null, gated ? Square(from, at + "channel_mix_receptance") : null);
    }

    private static Rwkv4TimeMix TimeMix4(Blueprint from, string at) => new(
        (Lerp(from, at + "time_mix_lerp_r"), Lerp(from, at + "time_mix_lerp_k"), Lerp(from, at + "time_mix_lerp_v")),
        Lerp(from, at + "time_mix_decay"), Lerp(from, at + "time_mix_first"),
        Square(from, at + "time_mix_receptance"), Square(from, at + "time_mix_key"),
        Square(from, at + "time_mix_value"), Square(from, at + "time_mix_output"));

    private static Rwkv5TimeMix TimeMix5(Blueprint from, string at)
    {
        Linear? gate = from.FindLinear(at + "time_mix_gate", from.Width, from.Width);
        string[] mixes = gate is null ? ["r", "k", "v"] : ["r", "k", "v", "g"];
        return new(
            [.. mixes.Select(mix => Lerp(from, at + "time_mix_lerp_" + mix))],
            Lerp(from, at + "time_mix_decay"), Lerp(from, at + "time_mix_first"),
            Square(from, at + "time_mix_receptance"), Square(from, at + "time_mix_key"), Square(from, at + "time_mix_value"), gate,
            HeadNorm(from, at), Square(from, at + "time_mix_output"), HeadSize(from));
    }

    private static Rwkv7TimeMix TimeMix7(Blueprint from, int layer, string at, object values) => new(
        from.Vector(at + "time_mix_lerp_fused.weight", 6 * from.Width),
        Square(from, at + "time_mix_receptance"), Square(from, at + "time_mix_key"),
        Square(from, at + "time_mix_value"), Square(from, at + "time_mix_output"),
        LowRank(from, at + "time_mix_w", Nonlinearity.Tanh), LowRank(from, at + "time_mix_a", null),
        layer == 0 ? null : LowRank(from, at + "time_mix_v", null), LowRank(from, at + "time_mix_g", Nonlinearity.Sigmoid),
        (Lerp(from, at + "time_mix_k_k"), Lerp(from, at + "time_mix_k_a"), Lerp(from, at + "time_mix_r_k")),
        HeadNorm(from, at), HeadSize(from), values);

    private static LowRank LowRank(Blueprint from, string name, Nonlinearity? function) => new(
        new Linear(from.Weight(name + "1.weight", columns: from.Width)),
        new Linear(from.Weight(name + "2.weight", rows: from.Width), from.FindVector(name + "0.weight", from.Width)), function);

    private static HeadNorm HeadNorm(Blueprint from, string at) => new(
        Lerp(from, at + "time_mix_ln"), from.Vector(at + "time_mix_ln.bias", from.Width),
        from.File.FindFloat("attention.group_norm_epsilon") ?? 64e-5f);

    private static int HeadSize(Blueprint from)
    {
        int size = from.Count("wkv.head_size");
        return from.Width % size == 0
            ? size
            : throw new InvalidDataException($"'{from.File.Path}': heads of {size} do not fit a width of {from.Width}.");
    }

    private static Linear Square(Blueprint from, string name) => from.Linear(name, from.Width, from.Width);

    private static float[] Lerp(Blueprint from, string name) => from.Vector(name + ".weight", from.Width);

    /// <summary>The share of the present, where the file has that of the past.</summary>
    private static float[] Complement(float[] past) => [.. past.Select(share => 1 - share)];
}
