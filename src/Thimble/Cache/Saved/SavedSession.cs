using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Thimble.Compute.Memory;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Cache;

/// <summary>A session at rest in a file: its tokens, and the keys, values and states that the model keeps of them.</summary>
/// <remarks>The file, all numbers little-endian: <c>THIMSESS</c>, version, the model's fingerprint, counts of tokens, of computed tokens, of
/// pages, bytes of a page, floats of the recurrent states; then tokens, pages, states, and the SHA-256 of all that.</remarks>
/// <param name="print">The model's fingerprint.</param>
/// <param name="states">Where the model keeps its states.</param>
internal sealed class SavedSession(byte[] print, StatePool states)
{
    private const int Version = 1, HeadBytes = 12 + Fingerprint.Length + 28, Step = 1 << 20;
    private const int PageTokens = KeyValueStore.PageTokens;

    private static readonly byte[] s_mark = "THIMSESS"u8.ToArray();

    /// <summary>Writes a sequence that nothing else touches.</summary>
    public async Task WriteAsync(Sequence sequence, Stream stream, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await PutAsync(Head(sequence)).ConfigureAwait(false);
        await PutAsync(MemoryMarshal.AsBytes(sequence.Tokens).ToArray()).ConfigureAwait(false);
        byte[] buffer = new byte[(int)Math.Min(Step, Math.Max(1, states.Pages.Store.PageBytes))];
        int[] pages = sequence.State.Pages.ToArray();
        foreach (int page in pages)
        {
            for (long at = 0; at < states.Pages.Store.PageBytes; at += buffer.Length)
            {
                int length = (int)Math.Min(buffer.Length, states.Pages.Store.PageBytes - at);
                states.Pages.Store.Bytes(page, at, length).CopyTo(buffer);
                await PutAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
            }
        }

        await PutAsync(MemoryMarshal.AsBytes(sequence.State.AllRecurrent).ToArray()).ConfigureAwait(false);
        await stream.WriteAsync(hash.GetHashAndReset(), stop).ConfigureAwait(false);
        await stream.FlushAsync(stop).ConfigureAwait(false);

        ValueTask PutAsync(ReadOnlyMemory<byte> bytes)
        {
            hash.AppendData(bytes.Span);
            return stream.WriteAsync(bytes, stop);
        }
    }

    /// <summary>Reads a file's beginning.</summary>
    /// <param name="reading">The file.</param>
    /// <param name="context">The most tokens that there may be.</param>
    /// <param name="vocabulary">The ids that there are.</param>
    /// <exception cref="InvalidDataException">It is no saved session, or one of another model.</exception>
    public async Task<(int[] Tokens, int Computed)> ReadHeadAsync(SavedReading reading, int context, int vocabulary)
    {
        byte[] head = new byte[HeadBytes];
        await reading.FillAsync(head).ConfigureAwait(false);
        if (!head.AsSpan(0, s_mark.Length).SequenceEqual(s_mark))
            throw new InvalidDataException("The file is no saved session: it does not begin with 'THIMSESS'.");
        if (Int(8) != Version)
            throw new InvalidDataException($"The saved session has version {Int(8)}; this build reads {Version}. Save it anew.");
        if (!head.AsSpan(12, Fingerprint.Length).SequenceEqual(print))
            throw new InvalidDataException("The session was saved from another model, or from this one opened with another context, cache format or exactness; it is of no use here.");

        const int counts = 12 + Fingerprint.Length;
        int tokens = Int(counts), computed = Int(counts + 4), pages = Int(counts + 8);
        int needed = states.KeepsKeys ? (computed + PageTokens - 1) / PageTokens : 0;
        if (tokens < 1 || tokens > context || computed < 0 || computed > tokens || pages != needed || Long(counts + 12) != states.Pages.Store.PageBytes || Long(counts + 20) != states.Floats)
            throw new InvalidDataException($"The saved session contradicts itself: {computed} of {tokens} tokens computed in {pages} pages.");
        byte[] ids = new byte[tokens * sizeof(int)];
        await reading.FillAsync(ids).ConfigureAwait(false);
        int[] all = MemoryMarshal.Cast<byte, int>(ids).ToArray();
        if (Array.Find(all, id => (uint)id >= (uint)vocabulary) is not 0 and var id)
            throw new InvalidDataException($"The saved session has the token {id}; the model's are 0 to {vocabulary - 1}.");
        return (all, computed);

        int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(at));
        long Long(int at) => BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(at));
    }

    /// <summary>Reads a file's rest into pages that were reserved for it.</summary>
    /// <returns>The recurrent states.</returns>
    /// <exception cref="InvalidDataException">It is cut short, or not as it was written.</exception>
    public async Task<float[]> ReadStatesAsync(SavedReading reading, SequenceState state)
    {
        byte[] buffer = new byte[(int)Math.Min(Step, Math.Max(1, states.Pages.Store.PageBytes))];
        int[] pages = state.Pages.ToArray();
        foreach (int page in pages)
        {
            for (long at = 0; at < states.Pages.Store.PageBytes; at += buffer.Length)
            {
                int length = (int)Math.Min(buffer.Length, states.Pages.Store.PageBytes - at);
                await reading.FillAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                buffer.AsSpan(0, length).CopyTo(states.Pages.Store.Bytes(page, at, length));
            }
        }

        byte[] recurrent = new byte[states.Floats * sizeof(float)];
        await reading.FillAsync(recurrent).ConfigureAwait(false);
        await reading.EndAsync().ConfigureAwait(false);
        return MemoryMarshal.Cast<byte, float>(recurrent).ToArray();
    }

    private byte[] Head(Sequence sequence)
    {
        byte[] head = new byte[HeadBytes];
        s_mark.CopyTo(head, 0);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        print.CopyTo(head, 12);
        Span<byte> counts = head.AsSpan(12 + Fingerprint.Length);
        BinaryPrimitives.WriteInt32LittleEndian(counts, sequence.Length);
        BinaryPrimitives.WriteInt32LittleEndian(counts[4..], sequence.State.Length);
        BinaryPrimitives.WriteInt32LittleEndian(counts[8..], sequence.State.Pages.Length);
        BinaryPrimitives.WriteInt64LittleEndian(counts[12..], states.Pages.Store.PageBytes);
        BinaryPrimitives.WriteInt64LittleEndian(counts[20..], states.Floats);
        return head;
    }
}
