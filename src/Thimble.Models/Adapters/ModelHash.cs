using System.Security.Cryptography;
using System.Text;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Names the model that an adapter was trained on, so that it is not laid on another.</summary>
/// <remarks>A copy of the base in another number format is still the base: its matrices differ and are then not looked at, but its small
/// tensors, which no quantiser touches, must be the same.</remarks>
/// <param name="Layout">Of the names, formats and shapes of all tensors.</param>
/// <param name="Content">Of bytes from all over them.</param>
/// <param name="Small">Of the architecture and the values of all vectors.</param>
internal sealed record ModelHash(string Layout, string Content, string Small)
{
    private const int Window = 4096, Windows = 16;

    /// <summary>A model's.</summary>
    public static ModelHash Of(ModelFile model)
    {
        using var layout = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var small = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Tell(small, model.Architecture);
        foreach (StoredTensor tensor in model.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Tell(layout, $"{tensor.Name} {tensor.Format} {string.Join('x', tensor.Shape)}\n");
            Sample(content, tensor.Bytes());
            if (tensor.Rows > 1)
                continue;
            Tell(small, $"{tensor.Name}\n");
            small.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensor.Values().AsSpan()));
        }

        return new(Named(layout), Named(content), Named(small));
    }

    /// <summary>Refuses a model that is another one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="adapter">The adapter's path, for the message.</param>
    /// <exception cref="InvalidDataException">It is.</exception>
    public void Require(ModelFile model, string adapter)
    {
        var own = Of(model);
        bool same = own.Layout == Layout ? own.Content == Content : own.Small == Small;
        if (!same)
        {
            throw new InvalidDataException(
                $"The adapter '{adapter}' was trained on another base than '{model.Path}': its hash is {(own.Layout == Layout ? Content : Small)[..12]}…, the model's {(own.Layout == Layout ? own.Content : own.Small)[..12]}…. "
                + "Open the model it was trained on.");
        }
    }

    private static void Sample(IncrementalHash hash, Region bytes)
    {
        if (bytes.Length <= Window * Windows)
        {
            hash.AppendData(bytes.Slice(0, (int)bytes.Length));
            return;
        }

        for (int i = 0; i < Windows; i++)
            hash.AppendData(bytes.Slice((bytes.Length - Window) / (Windows - 1) * i, Window));
    }

    private static void Tell(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));

    private static string Named(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
