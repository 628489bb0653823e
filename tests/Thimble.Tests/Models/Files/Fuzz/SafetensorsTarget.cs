using System.Runtime.CompilerServices;
using System.Text;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

/// <summary>Safetensors headers and tensors, and the index of a model that was cut.</summary>
internal static class SafetensorsTarget
{
    [ModuleInitializer]
    internal static void Register()
    {
        ReaderTarget.Add("safetensors", [File("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[24,28]}}""", 28), File("{}", 0)], Read);
        ReaderTarget.Add("safetensors index", [[.. """{"metadata":{"total_size":28},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"""u8]], ReadIndex);
    }

    /// <summary>A file of a header and a number of data bytes 0, 1, 2, …</summary>
    public static byte[] File(string header, int dataLength) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. Enumerable.Range(0, dataLength).Select(i => (byte)i)];

    private static void Read(byte[] input)
    {
        using var file = Safetensors.Read("fuzz.safetensors", ReaderTarget.InMemory(input));
        foreach (SafeTensor tensor in file.Tensors)
        {
            if (tensor.Values().Length != tensor.Stored("x").Values().Length)
                throw new InvalidOperationException($"'{tensor.Name}' has two lengths.");
        }
    }

    private static void ReadIndex(byte[] input)
    {
        var index = new SafetensorsIndex("fuzz.json", input);
        if (index.Names.Any(name => !index.Files.Contains(index.FileOf(name))))
            throw new InvalidOperationException("A listed file is not among the files.");
    }
}
