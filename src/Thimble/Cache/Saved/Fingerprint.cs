using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Cache;

/// <summary>Names a model by what its keys and values depend on: its file, and how it was opened.</summary>
/// <remarks>Of each tensor, name, format, shape and three pieces of its bytes count: reading all of them would take as long as opening does.
/// Of how it was opened, the context (positions may be stretched by it), the format of the cache, and whether activations are rounded.</remarks>
internal static class Fingerprint
{
    /// <summary>Bytes of one.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int Piece = 4096;

    /// <summary>Of a model.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="opened">How it was opened.</param>
    public static byte[] Of(ModelFile file, string opened)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, opened);
        foreach (string key in file.Metadata.Keys)
        {
            // The names of tokens and how they are chatted with change no number that is kept.
            if (!key.StartsWith("tokenizer.", StringComparison.Ordinal) && file.Metadata.TryGet(key, out object? value) && value is not MetadataArray)
                Add(hash, string.Create(CultureInfo.InvariantCulture, $"{key}={value}"));
        }

        foreach (StoredTensor tensor in file.Tensors)
        {
            Add(hash, string.Create(CultureInfo.InvariantCulture, $"{tensor.Name} {tensor.Format} {string.Join('x', tensor.Shape)}"));
            Region bytes = tensor.Bytes();
            int length = (int)Math.Min(Piece, bytes.Length);
            foreach (long at in (ReadOnlySpan<long>)[0, (bytes.Length - length) / 2, bytes.Length - length])
                hash.AppendData(bytes.Slice(at, length));
        }

        return hash.GetHashAndReset();
    }

    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
