using Thimble.Compute.Memory;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Cache;

/// <summary>Saves the sequences of a model, and brings them back: between two steps where pages change hands, beside the steps where bytes move.</summary>
/// <param name="model">The model.</param>
/// <param name="states">Where it keeps its states.</param>
/// <param name="opened">How it was opened, in words.</param>
internal sealed class SessionFile(Model model, StatePool states, string opened)
{
    private const int PageTokens = KeyValueStore.PageTokens;

    private readonly Lazy<byte[]> _print = new(() => Fingerprint.Of(model.File, opened));

    /// <summary>Writes a sequence in which nothing runs.</summary>
    public async Task WriteAsync(Sequence sequence, Stream stream, CancellationToken stop)
    {
        byte[] print = await Task.Run(() => _print.Value, stop).ConfigureAwait(false);
        Sequence? copy = null;
        model.Engine.Between(_ => copy = Copy(sequence));   // its pages are nobody's to change or to take
        try
        {
            await new SavedSession(print, states).WriteAsync(copy!, stream, stop).ConfigureAwait(false);
        }
        finally
        {
            model.Engine.Between(_ => copy!.Dispose());
        }
    }

    /// <summary>Reads a sequence, and lets later prompts of its tenant begin with it.</summary>
    public async Task<Sequence> ReadAsync(Stream stream, string tenant, CancellationToken stop)
    {
        byte[] print = await Task.Run(() => _print.Value, stop).ConfigureAwait(false);
        using var reading = new SavedReading(stream, stop);
        var saved = new SavedSession(print, states);
        (int[] tokens, int computed) = await saved.ReadHeadAsync(reading, model.ContextLength, model.Tokenizer.VocabularySize).ConfigureAwait(false);
        Sequence sequence = new(states) { Tenant = tenant };
        try
        {
            sequence.Append(tokens);
            model.Engine.Between(batcher => Reserve(batcher, sequence, computed));
            float[] recurrent = await saved.ReadStatesAsync(reading, sequence.State).ConfigureAwait(false);
            model.Engine.Between(batcher => TakeIn(batcher, sequence, computed, recurrent));
            return sequence;
        }
        catch
        {
            model.Engine.Between(_ => sequence.Dispose());
            throw;
        }
    }

    /// <summary>A copy with a last page of its own, in which nothing stands behind its last token: what was there was perhaps another's.</summary>
    private Sequence Copy(Sequence sequence)
    {
        Sequence copy = sequence.Fork();
        SequenceState state = copy.State;
        int used = state.Length % PageTokens;
        if (used == 0 || !states.KeepsKeys)
            return copy;
        try
        {
            state.Reserve(PageTokens - used);
        }
        catch (CapacityException) when (!states.IsRecurrent)
        {
            state.Truncate(state.Length - used, []);   // the few tokens are computed again
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        KeyValueStore store = states.Pages.Store;
        for (int layer = 0; layer < store.Layers; layer++)
        {
            HeadShape shape = store.Shape(layer);
            float[] keys = new float[shape.Heads * shape.KeySize], values = new float[shape.Heads * shape.ValueSize];
            for (int slot = used; slot < PageTokens; slot++)
                store.Write(state.Pages[^1], slot, layer, keys, values);
        }

        return copy;
    }

    private static void Reserve(Batcher batcher, Sequence sequence, int computed)
    {
        while (sequence.State.PagesFor(computed) > batcher.Pages.Free && batcher.Roster.FreeIdle())
        {
            // until there is room, or nobody idle has any left
        }

        sequence.State.Reserve(computed);
    }

    private static void TakeIn(Batcher batcher, Sequence sequence, int computed, float[] recurrent)
    {
        sequence.State.Advance(computed);
        recurrent.CopyTo(sequence.State.AllRecurrent);
        sequence.Snapshot();
        batcher.Prefixes.Begin(sequence);
        batcher.Prefixes.KeepTail(sequence);
        batcher.Prefixes.End(sequence);
        sequence.State.Trim();
        batcher.Roster.Rest(sequence);
    }
}
