using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Mamba and Mamba 2: layers of nothing but state spaces. Falcon Mamba is the first with norms inside.</summary>
/// <remarks>Source: Gu and Dao, "Mamba", 2023, section 3.4; Dao and Gu, "Transformers are SSMs", 2024, section 7.1.</remarks>
internal static class Mamba
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("mamba", Build);
        Architectures.Add("mamba2", Build);
    }

    private static Decoder Build(Blueprint from)
    {
        var spaces = new StateSpaceParts(from);
        return from.Decoder(layer => new(
            new Residual(from.Norm($"blk.{layer}.attn_norm"), spaces.At(layer) ?? throw from.Absent($"blk.{layer}.ssm_in.weight"))));
    }
}
