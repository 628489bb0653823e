using System.Text;

namespace Thimble.Models.Files;

/// <summary>Files that are often taken for models, told by their first bytes, and what to do about each.</summary>
internal static class ForeignFile
{
    private static readonly (int Offset, byte[] Magic, string Meaning)[] s_known =
    [
        (0, [.. "version https://git-lfs"u8], "it is a git-lfs pointer, not the model; fetch it with 'git lfs pull'."),
        (0, [0x50, 0x4B, 0x03, 0x04], "it is a zip archive, most likely a PyTorch checkpoint; convert it to safetensors or GGUF."),
        (0, [0x80, 0x02], "it is a Python pickle, most likely an old PyTorch checkpoint; convert it to safetensors or GGUF."),
        (0, [0x80, 0x04], "it is a Python pickle; convert it to safetensors or GGUF."),
        (0, [.. "ggml"u8], "it is an old GGML model; convert it to GGUF."),
        (0, [.. "lmgg"u8], "it is an old GGML model; convert it to GGUF."),
        (0, [.. "fmgg"u8], "it is an old GGML model; convert it to GGUF."),
        (0, [.. "tjgg"u8], "it is an old GGML model; convert it to GGUF."),
        (0, [.. "algg"u8], "it is an old GGML adapter; convert it to GGUF."),
        (4, [.. "TFL3"u8], "it is a TensorFlow Lite model."),
        (0, [0x89, 0x48, 0x44, 0x46], "it is an HDF5 file, as Keras writes; convert it to safetensors or GGUF."),
        (0, [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "it is a NumPy array."),
        (0, [0x1F, 0x8B], "it is compressed with gzip; unpack it."),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "it is compressed with zstd; unpack it."),
        (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A], "it is compressed with xz; unpack it."),
        (0, [.. "Rar!"u8], "it is a rar archive; unpack it."),
        (8, [.. "{"u8], "it looks like safetensors without its folder; open the folder that holds it and config.json."),
    ];

    /// <summary>What a file looks like, as a sentence without its subject.</summary>
    public static string Describe(FileStart start)
    {
        ReadOnlySpan<byte> bytes = start.Bytes;
        foreach ((int offset, byte[] magic, string meaning) in s_known)
        {
            if (bytes.Length >= offset && bytes[offset..].StartsWith(magic))
                return meaning;
        }

        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return IsAny(text, "<!doctype", "<html", "<?xml")
            ? "it is a web page, not the model; the download went wrong."
            : IsAny(text, "{", "[")
            ? "it is JSON; open the folder or the weights beside it."
            : IsOnnx(start)
            ? "it is an ONNX model."
            : $"it begins with {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 16)])}.";
    }

    private static bool IsAny(string text, params ReadOnlySpan<string> beginnings)
    {
        foreach (string beginning in beginnings)
        {
            if (text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Protocol buffers have no magic: field 1 (the version) is a small number, field 2 (the producer) a short name.</summary>
    private static bool IsOnnx(FileStart start) =>
        start.Path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
        || start.Bytes is [0x08, < 0x20, 0x12, < 0x40, ..];
}
