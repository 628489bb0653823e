using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

/// <summary>GGUF headers, arrays and tensors, and what the writer makes of what was accepted.</summary>
internal static class GgufTarget
{
    [ModuleInitializer]
    internal static void Register() => ReaderTarget.Add("gguf", [GgufBytes.Small(), GgufBytes.Small(version: 2), GgufBytes.Split()], Read);

    private static void Read(byte[] input)
    {
        GgufPart part = Gguf.Read("fuzz-00001-of-00002.gguf", ReaderTarget.InMemory(input));
        using var file = new ModelFile("fuzz.gguf", part.Metadata, part.Tensors);
        GgufSplit.Find("fuzz-00001-of-00002.gguf", file.Metadata);
        foreach (string key in file.Metadata.Keys)
        {
            file.Metadata.TryGet(key, out object? value);
            if (value is MetadataArray array)
                Touch(array);
        }

        byte[] header = [.. new GgufHeader(file.Metadata, []).Bytes];
        Gguf.Read("again.gguf", ReaderTarget.InMemory(header));
        foreach (StoredTensor tensor in file.Tensors)
            tensor.Values();
    }

    private static void Touch(MetadataArray array)
    {
        switch (array.Kind)
        {
            case GgufKind.String:
                array.Texts();
                array.Bytes();
                break;
            case GgufKind.Array:
                Array.ForEach(array.Arrays(), Touch);
                break;
            case GgufKind.Bool:
                array.Flags();
                break;
            default:
                array.Numbers();
                break;
        }
    }
}
