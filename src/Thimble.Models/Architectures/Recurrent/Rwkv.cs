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
        Architectures.Add("rwkv6", from => Build(from, (_, at) => TimeMix6(from, at), gated: true, past: true));
        Architectures.Add("rwkv6qwen2", from => Converted(from, (_, at) => TimeMix6(from, at)));
        Architectures.Add("rwkv7", from =>
        {
            object values = new();
            return Build(from, (i, at) => TimeMix7(from, i, at, values), gated: false, past: true);
        });
        Architectures.Add("arwkv7", from =>
        {
            object values = new();
            return Converted(from, (i, at) => TimeMix7(from, i, at, values));
        });
    }

    /// <summary>A transformer whose attention has been replaced by a time mix.</summary>
    private static Decoder Converted(Blueprint from, Func<int, string, Mixer> timeMix) =>
        from.Decoder(new SequentialLayers(from, new(from)) { Instead = i => timeMix(i, $"blk.{i}.") }.At);

    private static Decoder Build(Blueprint from, Func<int, string, Mixer> timeMix, bool gated, bool past = false)
    {
        Weight table = from.Table();
        int halved = from.File.FindInt("rescale_every_n_layers") ?? 0;   // layers after which values are halved, lest halves overflow
        return new Decoder(
            new Embedding(table, Norm: from.Norm("token_embd_norm")), from.Each(Layer), from.Norm("output_norm"),
            new Head(from.HeadOver(table)));

        Layer Layer(int i)
        {
            string at = $"blk.{i}.";
            Step time = new Residual(from.Norm(at + "attn_norm"), timeMix(i, at)), channel = new Residual(from.Norm(at + "attn_norm_2"), ChannelMix(at));
            return halved > 0 && (i + 1) % halved == 0 ? new(time, channel, new Rescale(0.5f)) : new(time, channel);
        }

        Mixer ChannelMix(string at) => new RwkvChannelMix(
            Share(at + "channel_mix_lerp_k"),
            from.Linear(at + "channel_mix_key", columns: from.Width), from.Linear(at + "channel_mix_value", from.Width),
            gated ? Share(at + "channel_mix_lerp_r") : null, gated ? Square(from, at + "channel_mix_receptance") : null);

        // Of the present, where the file may have that of the past.
        float[] Share(string name) => past ? [.. Lerp(from, name).Select(share => 1 - share)] : Lerp(from, name);
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

    private static Rwkv6TimeMix TimeMix6(Blueprint from, string at)
    {
        Linear choice = from.Linear(at + "time_mix_w1", columns: from.Width);
        if (choice.Outputs % 5 != 0)
            throw new InvalidDataException($"Tensor '{at}time_mix_w1.weight' of '{from.File.Path}' gives {choice.Outputs} features; expected a multiple of 5.");
        float[] shares = from.FindVector(at + "time_mix_lerp_fused.weight", 5 * from.Width)
            ?? [.. "wkvrg".SelectMany(mix => Lerp(from, $"{at}time_mix_lerp_{mix}"))];
        Weight[] up = from.FindWeights(at + "time_mix_w2.weight", 5, from.Width, choice.Outputs / 5) ?? throw from.Absent(at + "time_mix_w2.weight");
        return new(
            Lerp(from, at + "time_mix_lerp_x"), choice, [.. up.Select((weight, i) => new Linear(weight, shares[(i * from.Width)..((i + 1) * from.Width)]))],
            Square(from, at + "time_mix_receptance"), Keys(from, at + "time_mix_key"), Keys(from, at + "time_mix_value"), Square(from, at + "time_mix_gate"),
            new(from.Linear(at + "time_mix_decay_w1", columns: from.Width),
                new(from.Weight(at + "time_mix_decay_w2.weight", rows: from.Width), Lerp(from, at + "time_mix_decay")), Nonlinearity.Tanh),
            Square(from, at + "time_mix_output"), HeadSize(from))
        {
            Bonus = from.FindVector(at + "time_mix_first.weight", from.Width),
            Norm = from.Has(at + "time_mix_ln.weight") ? HeadNorm(from, at) : null,
        };
    }

    /// <summary>Keys or values, of which each serves equally many heads.</summary>
    private static Linear Keys(Blueprint from, string name)
    {
        int heads = from.Width / HeadSize(from), given = from.File.FindInt("attention.head_count_kv") is > 0 and var count ? count : heads;
        return heads % given == 0
            ? from.Linear(name, given * HeadSize(from), from.Width)
            : throw from.Wrong("attention.head_count_kv", given, $"a divisor of {heads}, the heads");
    }

    private static Rwkv7TimeMix TimeMix7(Blueprint from, int layer, string at, object values) => new(
        from.Vector(at + "time_mix_lerp_fused.weight", (from.Has(at + "time_mix_g1.weight") ? 6 : 5) * from.Width),
        Square(from, at + "time_mix_receptance"), Square(from, at + "time_mix_key"),
        Square(from, at + "time_mix_value"), Square(from, at + "time_mix_output"),
        LowRank(from, at + "time_mix_w", Nonlinearity.Tanh), LowRank(from, at + "time_mix_a", null),
        layer == 0 ? null : LowRank(from, at + "time_mix_v", null), from.Has(at + "time_mix_g1.weight") ? LowRank(from, at + "time_mix_g", Nonlinearity.Sigmoid) : null,
        (Lerp(from, at + "time_mix_k_k"), Lerp(from, at + "time_mix_k_a"), Lerp(from, at + "time_mix_r_k")),
        from.Has(at + "time_mix_ln.weight") ? HeadNorm(from, at) : null, HeadSize(from), values);

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
}
