using System.Text;
using Thimble.Models.Files;

namespace Thimble.Tests.Models;

public class ModelFilesTests
{
    public static TheoryData<string, byte[]> Foreign => new()
    {
        { "git-lfs pointer", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:00"u8] },
        { "zip archive", [0x50, 0x4B, 0x03, 0x04, 0, 0] },
        { "Python pickle", [0x80, 0x02, 0x8A, 0x0A] },
        { "web page", [.. "\n<!DOCTYPE html><html>"u8] },
        { "web page", [.. "<html lang=en>"u8] },
        { "ONNX", [0x08, 0x07, 0x12, 0x07, .. "pytorch"u8] },
        { "old GGML", [.. "tjgg"u8, 1, 0, 0, 0] },
        { "TensorFlow Lite", [0x1C, 0, 0, 0, .. "TFL3"u8] },
        { "JSON", [.. " {\"a\": 1}"u8] },
        { "safetensors", [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8] },
        { "begins with 01020304", [1, 2, 3, 4] },
    };

    [Theory, MemberData(nameof(Foreign))]
    public void Another_kind_of_file_is_told_by_its_first_bytes(string kind, byte[] file)
    {
        using var folder = new TemporaryFolder();
        string message = Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Write("model.xyz", file))).Message;
        Assert.Contains(kind, message);
        Assert.Contains("Known: ", message);
        Assert.Contains("GGUF", message);
    }

    [Fact]
    public void Nothing_and_nobody_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Write("empty.gguf", []))).Message);
        Assert.Contains("no file or folder", Assert.Throws<FileNotFoundException>(() => ModelFile.Open(folder["missing.gguf"])).Message);
        Assert.Throws<ArgumentException>(() => ModelFile.Open(""));
    }

    [Fact]
    public void A_folder_without_a_reader_names_what_to_open()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("without a model", Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Path)).Message);
        folder.Write("small.gguf", GgufBytes.Small());
        Assert.Contains(folder["small.gguf"], Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Path)).Message);
    }

    [Fact]
    public void A_reader_joins_by_adding_itself()
    {
        using var folder = new TemporaryFolder();
        ModelFiles.Add("test", start => start.Path.EndsWith(".thimble-test", StringComparison.Ordinal), path => new ModelFile(path, new Metadata(), []));
        ModelFiles.AddFolder("test folder", path => File.Exists(Path.Combine(path, "is.thimble-test")), path => new ModelFile(path, new Metadata(), []));
        using var file = ModelFile.Open(folder.Write("is.thimble-test", Encoding.ASCII.GetBytes("x")));
        using var opened = ModelFile.Open(folder.Path);
        Assert.Equal((folder["is.thimble-test"], folder.Path), (file.Path, opened.Path));
    }
}
