using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Thimble.Models.Blocks;

/// <summary>Keys and values that attention keeps of given rows in place of what it would compute of them.</summary>
/// <remarks>Source: Li and Liang, "Prefix-Tuning: Optimizing Continuous Prompts for Generation", 2021, section 4.2.</remarks>
internal sealed class GivenKeys
{
    private readonly Dictionary<int, (float[] Keys, float[] Values)> _byMixer = [];
    private readonly int _rows;

    /// <param name="rows">How many rows there are of each.</param>
    public GivenKeys(int rows) => _rows = rows;

    /// <summary>Adds those of a mixer.</summary>
    /// <param name="mixer">Its number.</param>
    /// <param name="keys">As they are kept, turned by their positions, shape [rows · key heads · key size].</param>
    /// <param name="values">Shape [rows · key heads · value size].</param>
    public void Add(int mixer, float[] keys, float[] values) => _byMixer.Add(mixer, (keys, values));

    /// <summary>Writes a row's over those computed.</summary>
    public void Place(int mixer, int row, Span<float> k, Span<float> v)
    {
        if (!_byMixer.TryGetValue(mixer, out (float[] Keys, float[] Values) given))
            return;
        given.Keys.AsSpan(row * (given.Keys.Length / _rows), k.Length).CopyTo(k);
        given.Values.AsSpan(row * (given.Values.Length / _rows), v.Length).CopyTo(v);
    }

    /// <summary>Tells a hash all of them.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        foreach ((int mixer, (float[] keys, float[] values)) in _byMixer.OrderBy(entry => entry.Key))
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([mixer]));
            hash.AppendData(MemoryMarshal.AsBytes(keys.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
