using Thimble.Compute.Memory;

namespace Thimble.Models.States;

/// <summary>The memory of all sequences of one model: keys and values in pages, recurrent states beside them.</summary>
internal sealed class StatePool : IDisposable
{
    private readonly KeyValueStore _store;

    /// <summary>A pool.</summary>
    /// <param name="shapes">What each mixer keeps, by its number.</param>
    /// <param name="tokens">The most tokens of all sequences together whose keys are kept.</param>
    /// <param name="cell">How a number of a key or value is stored.</param>
    public StatePool(IReadOnlyList<StateShape> shapes, long tokens, CellFormat cell)
    {
        Places = new StatePlace[shapes.Count];
        List<HeadShape> layers = [];
        for (int i = 0; i < shapes.Count; i++)
        {
            int before = shapes[i].Passing ? Array.IndexOf<StateShape>([.. shapes.Take(i)], shapes[i]) : -1;
            Places[i] = new StatePlace(before < 0 ? layers.Count : Places[before].Layer, Floats, shapes[i].Floats);
            Floats += shapes[i].Floats;
            if (shapes[i].Keys is { } keys && before < 0)
                layers.Add(keys);
        }

        KeepsKeys = layers.Count > 0;
        _store = new KeyValueStore(layers, cell);
        Pages = new PagePool(_store, (int)Math.Min(int.MaxValue, (tokens + KeyValueStore.PageTokens - 1) / KeyValueStore.PageTokens));
    }

    /// <summary>The pages of keys and values.</summary>
    public PagePool Pages { get; }

    /// <summary>Where each mixer's state lies, by its number.</summary>
    public StatePlace[] Places { get; }

    /// <summary>Whether any mixer keeps keys, so that length costs memory.</summary>
    public bool KeepsKeys { get; }

    /// <summary>Whether any mixer is recurrent, so that a sequence cannot be cut without a snapshot.</summary>
    public bool IsRecurrent => Floats > 0;

    /// <summary>Floats of one sequence's recurrent states.</summary>
    public int Floats { get; }

    /// <summary>Bytes that one token's keys and values take.</summary>
    public long BytesPerToken => _store.PageBytes / KeyValueStore.PageTokens;

    /// <summary>Frees the pages.</summary>
    public void Dispose() => _store.Dispose();
}

/// <summary>Where one mixer's state lies.</summary>
/// <param name="Layer">Its number among those that keep keys.</param>
/// <param name="Start">First float of its recurrent state.</param>
/// <param name="Floats">Floats of its recurrent state.</param>
internal readonly record struct StatePlace(int Layer, int Start, int Floats);
