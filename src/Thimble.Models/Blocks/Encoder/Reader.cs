using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>What an encoder-decoder model does with a text before it writes another: the encoder's layers, then every cross
/// attention's keys and values.</summary>
/// <param name="Encoder">The encoder, without a head.</param>
/// <param name="Crossings">The decoder's cross attentions.</param>
/// <param name="Start">The token that begins what is written.</param>
internal sealed record Reader(Decoder Encoder, IReadOnlyList<CrossAttention> Crossings, int Start)
{
    /// <summary>What each cross attention keeps.</summary>
    public IReadOnlyList<StateShape> States => [.. Crossings.Select(crossing => crossing.State)];

    /// <summary>Reads a text, whole.</summary>
    /// <param name="pass">An empty run.</param>
    /// <param name="state">The sequence that will be written; receives what is kept of the text.</param>
    /// <param name="kept">Where cross attentions keep keys.</param>
    /// <param name="passing">Where the encoder keeps keys while it runs.</param>
    /// <param name="tokens">The text, at least one token.</param>
    /// <exception cref="CapacityException">The cache is full.</exception>
    public void Read(Pass pass, SequenceState state, StatePool kept, StatePool passing, ReadOnlySpan<int> tokens)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        using var running = new SequenceState(passing);
        state.Source?.Dispose();
        running.Source = state.Source = new SequenceState(kept);
        state.Source.Reserve(tokens.Length);
        pass.Clear();
        pass.Add(running, tokens, tokens.Length);
        Matrix encoded = Encoder.Forward(pass);
        foreach (CrossAttention crossing in Crossings)
            crossing.Keep(pass, encoded);
        state.Source.Advance(tokens.Length);
        running.Source = null;   // it is the written text's
    }
}
