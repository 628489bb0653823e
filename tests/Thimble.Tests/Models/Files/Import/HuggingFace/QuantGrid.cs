using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A random matrix of small whole numbers, packed as GPTQ and AWQ do, bit by bit.</summary>
internal sealed class QuantGrid
{
    private static readonly int[] s_awqOrder = [0, 2, 4, 6, 1, 3, 5, 7];

    private readonly int _rows, _columns, _bits, _groups;
    private readonly int[,] _quants, _zeros;
    private readonly Half[,] _scales;
    private readonly int[] _groupOf;
    private readonly bool _shuffled;

    public QuantGrid(int rows, int columns, int bits, int group, int zero, bool shuffled)
    {
        (_rows, _columns, _bits, _groups, _shuffled) = (rows, columns, bits, columns / group, shuffled);
        var random = new Random(5);
        (_quants, _zeros, _scales) = (new int[rows, columns], new int[_groups, rows], new Half[_groups, rows]);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                _quants[row, column] = random.Next(1 << bits);
            for (int g = 0; g < _groups; g++)
                (_zeros[g, row], _scales[g, row]) = (zero == 1 << (bits - 1) ? zero : 1 + random.Next(zero), (Half)(random.NextSingle() / 10));
        }

        _groupOf = [.. Enumerable.Range(0, columns).Select(column => column / group)];
        if (shuffled)
            random.Shuffle(_groupOf);
    }

    /// <summary>The numbers it stands for, shape [rows · columns].</summary>
    public float[] Values() => [.. Enumerable.Range(0, _rows).SelectMany(row => Enumerable.Range(0, _columns).Select(column =>
        (_quants[row, column] - _zeros[_groupOf[column], row]) * (float)_scales[_groupOf[column], row]))];

    public SafetensorsWriter.Entry[] Gptq(string name, int added)
    {
        uint[] quants = new uint[_columns * _bits / 32 * _rows], zeros = new uint[_groups * _rows * _bits / 32];
        for (int row = 0; row < _rows; row++)
        {
            for (int bit = 0; bit < _columns * _bits; bit++)
                quants[(bit / 32 * _rows) + row] |= (uint)((_quants[row, bit / _bits] >> (bit % _bits)) & 1) << (bit % 32);
        }

        for (int bit = 0; bit < _groups * _rows * _bits; bit++)
        {
            int at = bit / _bits;
            zeros[bit / 32] |= (uint)(((_zeros[at / _rows, at % _rows] - added) >> (bit % _bits)) & 1) << (bit % 32);
        }

        SafetensorsWriter.Entry[] entries = Entries(name, quants, [_columns * _bits / 32, _rows], zeros);
        return _shuffled ? [.. entries, new(name + ".g_idx", "I32", [_columns], Bytes([.. _groupOf.Select(group => (uint)group)]))] : entries;
    }

    public SafetensorsWriter.Entry[] Awq(string name)
    {
        uint[] quants = new uint[_columns * _rows / 8], zeros = new uint[_groups * _rows / 8];
        for (int word = 0; word < quants.Length; word++)
            quants[word] = Word(i => _quants[(word % (_rows / 8) * 8) + i, word / (_rows / 8)]);
        for (int word = 0; word < zeros.Length; word++)
            zeros[word] = Word(i => _zeros[word / (_rows / 8), (word % (_rows / 8) * 8) + i]);
        return Entries(name, quants, [_columns, _rows / 8], zeros);

        static uint Word(Func<int, int> value) => Enumerable.Range(0, 8).Aggregate(0u, (word, i) => word | ((uint)value(s_awqOrder[i]) << (4 * i)));
    }

    private SafetensorsWriter.Entry[] Entries(string name, uint[] quants, long[] shape, uint[] zeros) =>
    [
        new(name + ".qweight", "I32", shape, Bytes(quants)), new(name + ".qzeros", "I32", [_groups, zeros.Length / _groups], Bytes(zeros)),
        new(name + ".scales", "F16", [_groups, _rows], (byte[])[.. _scales.Cast<Half>().SelectMany(BitConverter.GetBytes)]),
    ];

    private static byte[] Bytes(uint[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
}
