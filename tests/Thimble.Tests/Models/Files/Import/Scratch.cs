using System.Text;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A folder for files a test makes or breaks, gone when the test ends.</summary>
internal sealed class Scratch : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("thimble-import-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>A fixture with some bytes changed, under its own name.</summary>
    public string Changed(string golden, Func<byte[], byte[]> change) =>
        Write(Path.GetFileName(golden), change(File.ReadAllBytes(Golden.Path(golden))));

    /// <summary>A fixture under its own name.</summary>
    public string Copy(string golden) => Changed(golden, bytes => bytes);

    /// <summary>A fixture with one 32-bit field of its header replaced.</summary>
    public string WithField(string golden, int field, int value) => Changed(golden, bytes =>
    {
        BitConverter.TryWriteBytes(bytes.AsSpan(4 * field), value);
        return bytes;
    });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
