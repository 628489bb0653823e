using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Thimble.Library;

/// <summary>Brings one file to the shelf: in pieces, several at once, going on where an earlier run stopped.</summary>
internal sealed class BlobDownload(HubClient client, BlobStore store, RemoteFile file, HubOptions options, PullMeter meter)
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Fetches what is missing and checks the whole.</summary>
    /// <returns>The file on the shelf.</returns>
    /// <exception cref="InvalidDataException">Its digest or length is not the one promised; what came was dropped.</exception>
    /// <exception cref="CapacityException">The disk is full; what came is kept.</exception>
    public async Task<ShelfFile> RunAsync(CancellationToken cancellationToken)
    {
        if (Known() is { } known)
            return known;

        string path = store.Partial(file.Key);
        using ShelfLock _ = await ShelfLock.TakeAsync(
            path + ".lock", waiting: () => meter.Say($"waiting for another process that pulls {file.Name}"), cancellationToken: cancellationToken).ConfigureAwait(false);
        if (Known() is { } arrived)
            return arrived;

        string? digest = null;
        for (bool again = false; digest is null; again = true)
        {
            using var partial = new PartialFile(path);
            (string? promised, string? git) = await FetchAsync(partial, cancellationToken).ConfigureAwait(false);
            meter.Say("verifying sha256 digest");
            string found = await BlobStore.DigestAsync(path, cancellationToken).ConfigureAwait(false);
            if ((promised is null || promised == found) && (git is null || git == await GitObjectAsync(path, cancellationToken).ConfigureAwait(false)))
            {
                digest = found;
                partial.Complete();
            }
            else if (again)
            {
                partial.Restart();
                throw new InvalidDataException($"'{file.Address.GetLeftPart(UriPartial.Path)}' came twice with the SHA-256 {found[7..]}; expected {promised?[7..] ?? $"the git object {git}"}. What came was dropped.");
            }
            else
            {
                // The pieces may stem from two states of the file, or from a disk that lost power.
                meter.Add(-partial.Completed);
                partial.Restart();
            }
        }

        long bytes = new FileInfo(path).Length;
        store.Commit(path, digest);
        return new(file.Name, digest, bytes, file.Role);
    }

    /// <summary>The file, if its blob is there.</summary>
    private ShelfFile? Known()
    {
        if (file.Digest is not { } digest || !store.Has(digest))
            return null;

        long bytes = new FileInfo(store.PathOf(digest)).Length;
        meter.Begin(digest, file.Name, bytes, bytes);
        return new(file.Name, digest, bytes, file.Role);
    }

    private async Task<(string? Digest, string? GitObject)> FetchAsync(PartialFile partial, CancellationToken cancellationToken)
    {
        var request = new HubRequest(file.Address, file.Token);
        for (int failures = 0; ;)
        {
            long before = partial.Completed;
            try
            {
                await FetchMissingAsync(partial, request, cancellationToken).ConfigureAwait(false);
                return (file.Digest ?? Linked(request), file.GitObject);
            }
            catch (Exception fault) when (fault is IOException and not FileNotFoundException)
            {
                failures = partial.Completed > before ? 1 : failures + 1;
                if (failures > options.Retries)
                    throw new HttpRequestException($"'{file.Address.GetLeftPart(UriPartial.Path)}' stopped after {partial.Completed} bytes, {failures} times: {fault.Message} Pull again to go on from there.", fault);
                request.Target = null;
                await Task.Delay(client.Backoff(failures - 1), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task FetchMissingAsync(PartialFile partial, HubRequest request, CancellationToken cancellationToken)
    {
        int first = partial.Missing() is [var missing, ..] ? missing : 0;
        if (partial.Length >= 0 && partial.Missing().Count == 0)
        {
            meter.Begin(file.Digest, file.Name, partial.Length, partial.Length);
            return;
        }

        int pieceBytes = partial.PieceBytes > 0 ? partial.PieceBytes : options.PieceBytes;
        using HttpResponseMessage response = await AskAsync(request, (long)first * pieceBytes, pieceBytes, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            partial.Restart();   // an empty file, or a shorter one than was begun
            if (response.Content.Headers.ContentRange?.Length is not 0)
                throw new IOException("The file is shorter than it was.");
            meter.Begin(file.Digest, file.Name, 0, 0);
            return;
        }

        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            await TakeWholeAsync(partial, response, cancellationToken).ConfigureAwait(false);
            return;
        }

        long length = response.Content.Headers.ContentRange?.Length ?? throw new InvalidDataException($"'{file.Address}' sends a part without saying of how much (no length in Content-Range).");
        RequireLength(length);
        if (partial.Length >= 0 && (length != partial.Length || TagOf(response) != partial.Tag))
        {
            partial.Restart();
            throw new IOException("The file has changed since it was begun.");
        }

        Expect(partial, length, TagOf(response), pieceBytes);
        meter.Begin(file.Digest, file.Name, length, partial.Completed);
        await TakePiecesAsync(partial, request, response, first, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches the missing pieces, some at a time; the first response is there.</summary>
    private async Task TakePiecesAsync(PartialFile partial, HubRequest request, HttpResponseMessage begun, int first, CancellationToken cancellationToken)
    {
        var missing = new ConcurrentQueue<int>(partial.Missing().Where(piece => piece != first));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? fault = null;
        Task[] workers = [.. Enumerable.Range(0, Math.Min(options.Connections, missing.Count + 1)).Select(WorkAsync)];
        await Task.WhenAll(workers).ConfigureAwait(false);
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);

        async Task WorkAsync(int worker)
        {
            try
            {
                if (worker == 0)
                    await TakeAsync(partial, first, begun, stop.Token).ConfigureAwait(false);
                while (missing.TryDequeue(out int piece))
                {
                    using HttpResponseMessage response = await AskAsync(request, (long)piece * partial.PieceBytes, partial.BytesOf(piece), stop.Token).ConfigureAwait(false);
                    if (response.StatusCode != HttpStatusCode.PartialContent || TagOf(response) != partial.Tag || response.Content.Headers.ContentRange?.Length != partial.Length)
                        throw new IOException("The file has changed while it was fetched.");
                    await TakeAsync(partial, piece, response, stop.Token).ConfigureAwait(false);
                }
            }
            catch (Exception failure)
            {
                // The first fault is the cause; the others are its echo.
                if (Interlocked.CompareExchange(ref fault, failure, null) is null)
                    await stop.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HubRequest request, long from, int bytes, CancellationToken cancellationToken)
    {
        // Each connection asks for itself, and learns where others were sent.
        HubRequest own = request with { Range = (from, from + bytes - 1) };
        if (request.Target is not null)
        {
            try
            {
                return await client.SendAsync(own, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is UnauthorizedAccessException or FileNotFoundException)
            {
                own.Target = null;   // an address that was signed for a while; ask the hub for a new one
            }
        }

        HttpResponseMessage response = await client.SendAsync(own, cancellationToken).ConfigureAwait(false);
        (request.Target, request.Headers) = (own.Target, own.Headers ?? response.Headers);
        return response;
    }

    private async Task TakeAsync(PartialFile partial, int piece, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        long start = (long)piece * partial.PieceBytes, expected = partial.BytesOf(piece), taken = 0;
        if (response.Content.Headers.ContentRange?.From != start)
            throw new IOException($"The server sent bytes from {response.Content.Headers.ContentRange?.From} on; asked for {start}.");

        byte[] buffer = new byte[BufferBytes];
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (taken < expected)
            {
                int read = await client.ReadAsync(body, buffer.AsMemory(0, (int)Math.Min(BufferBytes, expected - taken)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException($"The server sent {taken} of {expected} bytes.");
                partial.Put(start + taken, buffer.AsMemory(0, read));
                taken += read;
                meter.Add(read);
            }
        }
        catch
        {
            meter.Add(-taken);
            throw;
        }

        partial.Finish(piece);
    }

    /// <summary>Takes a body from a server that knows no ranges: all of it, from the beginning.</summary>
    private async Task TakeWholeAsync(PartialFile partial, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        long? length = response.Content.Headers.ContentLength ?? file.Bytes;
        if (length is { } known)
            RequireLength(known);
        partial.Restart();
        if (length is > 0)
            Expect(partial, length.Value, TagOf(response), options.PieceBytes);
        meter.Begin(file.Digest, file.Name, length ?? 0, 0);
        byte[] buffer = new byte[BufferBytes];
        long taken = 0;
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int read; (read = await client.ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false)) > 0; taken += read)
            {
                partial.Put(taken, buffer.AsMemory(0, read));
                meter.Add(read);
            }
        }
        catch (CapacityException)
        {
            partial.Restart();   // it cannot be gone on with, and would only keep the disk full
            throw;
        }

        if (length is { } whole && taken != whole)
            throw new EndOfStreamException($"The server sent {taken} of {whole} bytes.");
    }

    /// <summary>Sets a file up whose length is known now, unless its disk has no room for the rest.</summary>
    private void Expect(PartialFile partial, long length, string tag, int pieceBytes)
    {
        long needed = length - (partial.Length == length ? partial.Completed : 0), room = options.Room(partial.Path);
        if (needed > room)
            throw new CapacityException($"'{file.Name}' takes {needed} more bytes; the disk of '{partial.Path}' has {room} left. Make room there, or name another folder in {ModelFolder.Variable}.", needed, room);
        partial.Expect(length, tag, pieceBytes);
    }

    private void RequireLength(long length)
    {
        if (file.Bytes is { } promised && promised != length)
            throw new InvalidDataException($"'{file.Address.GetLeftPart(UriPartial.Path)}' has {length} bytes; its hub promised {promised}.");
    }

    /// <summary>Hugging Face says the digest of a large file before it sends us on.</summary>
    private static string? Linked(HubRequest request)
    {
        string? tag = request.Headers is { } headers && headers.TryGetValues("X-Linked-Etag", out IEnumerable<string>? tags) ? "sha256:" + tags.First().Trim('"') : null;
        return tag is not null && BlobStore.IsDigest(tag) ? tag : null;
    }

    private static string TagOf(HttpResponseMessage response) =>
        (response.Headers.ETag?.ToString() ?? response.Content.Headers.LastModified?.ToString("O") ?? "").ReplaceLineEndings(" ");

    /// <summary>The SHA-1 of <c>blob LENGTH\0</c> and the content.</summary>
    private static async Task<string> GitObjectAsync(string path, CancellationToken cancellationToken)
    {
#pragma warning disable CA5350 // git's name of a file, checked against damage and not against forgers
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
