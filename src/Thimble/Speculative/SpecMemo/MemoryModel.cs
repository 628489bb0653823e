using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Speculative;

/// <summary>How much memory a conversation with drafts takes, by its parts.</summary>
/// <remarks>Keys and values are counted in the pages that they are kept in. Scratch memory is that of a run of the very shape on an arena of its own:
/// what a run rents depends on its rows and on nothing that is computed, so the first such run says it exactly.</remarks>
internal sealed class MemoryModel(Decoder decoder, StatePool states, Pass pass)
{
    private readonly Dictionary<int, long> _scratch = [];

    /// <summary>Bytes of keys and values.</summary>
    /// <param name="turns">Turns of the conversation.</param>
    /// <param name="tokensPerTurn">Tokens of a turn, question and answer.</param>
    /// <param name="nodes">Tokens of a tree.</param>
    public long Cache(int turns, int tokensPerTurn, int nodes)
    {
        const int Page = KeyValueStore.PageTokens;
        long tokens = ((long)turns * tokensPerTurn) + nodes + 1;
        return (tokens + Page - 1) / Page * Page * states.BytesPerToken;
    }

    /// <summary>Bytes that a verifying run rents.</summary>
    /// <param name="nodes">Tokens of the tree.</param>
    public long Scratch(int nodes)
    {
        if (_scratch.TryGetValue(nodes, out long known))
            return known;

        using var probe = new Pass(pass.Team);
        using var text = new SequenceState(states);
        int[] ids = new int[nodes + 1];
        if (states.IsRecurrent)
        {
            probe.Add(text, ids, ids.Length);
        }
        else
        {
            var tree = new TokenTree();
            for (int i = 0; i < ids.Length; i++)
                tree.Add(i == 0 ? -1 : 0);
            probe.Add(text, ids, tree, ids.Length);
        }

        decoder.Head!.Apply(probe, decoder.Forward(probe));
        return _scratch[nodes] = probe.Scratch.HighWater;
    }
}
