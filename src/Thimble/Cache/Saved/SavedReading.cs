using System.Security.Cryptography;

namespace Thimble.Cache;

/// <summary>Reads a file that ends with the hash of all before.</summary>
/// <param name="stream">The file.</param>
/// <param name="stop">Ends it.</param>
internal sealed class SavedReading(Stream stream, CancellationToken stop) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Reads as many bytes as there is room for.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    public async ValueTask FillAsync(Memory<byte> bytes)
    {
        await TakeAsync(bytes).ConfigureAwait(false);
        _hash.AppendData(bytes.Span);
    }

    /// <summary>Reads the hash.</summary>
    /// <exception cref="InvalidDataException">It is not that of what was read.</exception>
    public async ValueTask EndAsync()
    {
        byte[] said = new byte[SHA256.HashSizeInBytes];
        await TakeAsync(said).ConfigureAwait(false);
        if (!said.AsSpan().SequenceEqual(_hash.GetHashAndReset()))
            throw new InvalidDataException("The saved session is damaged: its hash is not that of its content.");
    }

    public void Dispose() => _hash.Dispose();

    private async ValueTask TakeAsync(Memory<byte> bytes)
    {
        int got = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false);
        if (got < bytes.Length)
            throw new InvalidDataException("The saved session is cut short.");
    }
}
