using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Speculative;

/// <summary>How much memory a conversation with drafts takes, by its parts.</summary>
/// <remarks>Keys and values are counted in the pages that they are kept in. Scratch memory is that of a run of the very shape on an arena of its own:
/// what a run rents depends on its rows and on nothing that is computed, so the first such run says it exactly.</remarks>
internal sealed class MemoryModel(Decoder decoder, StatePool states, Team team)
{
    private readonly Dictionary<int, (long Bytes, double Seconds)> _runs = [];

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
    public long Scratch(int nodes) => Run(nodes).Bytes;

    /// <summary>How long such a run takes.</summary>
    public double Seconds(int nodes) => Run(nodes).Seconds;

    private (long Bytes, double Seconds) Run(int nodes)
    {
        if (_runs.TryGetValue(nodes, out (long, double) known))
            return known;

        using var probe = new Pass(team);
        double seconds = double.PositiveInfinity;
        for (int i = 0; i < 2; i++)   // the first touches memory for the first time
            seconds = Math.Min(seconds, Run(probe, nodes));
        return _runs[nodes] = (probe.Scratch.HighWater, seconds);
    }

    private double Run(Pass probe, int nodes)
    {
        probe.Clear();
        probe.Scratch.Reset();
        using var text = new SequenceState(states);
        int[] ids = new int[nodes + 1];
        if (states.IsRecurrent || nodes == 0)
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

        long start = TimeProvider.System.GetTimestamp();
        decoder.Head!.Apply(probe, decoder.Forward(probe));
        return TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }
}
