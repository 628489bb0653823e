using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>T-MAC as its authors have it: tables of sixteen bytes, rounded under one scale for 64 activations, for any format of one to
/// four bits. Never chosen by itself, since it rounds: <see cref="TMac"/> does not.</summary>
/// <remarks>
/// <para>With b' = ±1 for a bit of u and q = l + s·u, <c>Σ q·a = ½ · s · Σᵢ 2ⁱ (b'ᵢ·a) + (½ · s · (2ᴮ − 1) + l) · Σa</c>. Entry i of a table is the sum of four
/// activations, each with the sign that its bit of i says, so entry 15 − i is −entry i: eight entries can be stored for sixteen.</para>
/// <para>Accuracy: normalised squared error below 5e-4 for Gaussian values.</para>
/// </remarks>
internal sealed class ByteTables : Multiplier
{
    private const int Rows = 64;      // of a tile: two indices of four bits to a byte, 32 bytes to a register
    private const int Shared = 64;    // activations under one scale

    private readonly Allocation _planes, _scales;
    private readonly int _rows, _columns, _group, _bits;
    private readonly bool _isMirrored;

    /// <summary>Packs a weight.</summary>
    /// <param name="weight">A format of whole numbers of at most four bits, its columns a multiple of 64.</param>
    /// <param name="bits">Bits of a number, 1 to 4.</param>
    /// <param name="lowest">The lowest number.</param>
    /// <param name="step">The distance from a number to the next, 1 but for signs.</param>
    /// <param name="isMirrored">Whether eight entries of a table are stored instead of sixteen.</param>
    public unsafe ByteTables(Weight weight, int bits, int lowest, int step, bool isMirrored)
    {
        (_rows, _columns, _group, _bits, _isMirrored) = (weight.Rows, weight.Columns, weight.Format.Group, bits, isMirrored);
        int tiles = (_rows + Rows - 1) / Rows, groups = _columns / _group;
        _planes = new Allocation((long)tiles * Rows * _columns / 8 * bits);
        _scales = new Allocation((long)tiles * Rows * groups * 2 * sizeof(float));
        sbyte[] quants = new sbyte[_columns];
        float[] scales = new float[groups], offsets = new float[groups];
        for (int row = 0; row < tiles * Rows; row++)
        {
            weight.Format.Unpack(weight.Row(Math.Min(_rows - 1, row)), quants, scales, offsets);
            byte* planes = _planes.Start + ((long)row / Rows * Rows * _columns / 8 * bits);
            float* factors = (float*)_scales.Start + ((long)row / Rows * Rows * groups * 2);
            for (int column = 0; column < _columns; column++)
                Put(planes, row % Rows, column, (quants[column] - lowest) / step);
            for (int group = 0; group < groups; group++)
            {
                factors[(group * 2 * Rows) + Place(row % Rows)] = scales[group] * step / 2;
                factors[(((group * 2) + 1) * Rows) + Place(row % Rows)] = (scales[group] * ((step * ((1 << bits) - 1) / 2f) + lowest)) + offsets[group];
            }
        }
    }

    public override bool TakesBytes => false;

    public override long Bytes => _planes.Length + _scales.Length;

    public override unsafe void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        int entries = _isMirrored ? 8 : 16, tables = _columns / 4 * entries;
        for (int token = 0; token < x.Values.Rows; token++)
        {
            Span<float> room = Scratch.Floats((tables / sizeof(float)) + (_columns / Shared) + (_columns / _group));
            fixed (float* start = room)
            {
                Span<float> scales = room.Slice(tables / sizeof(float), _columns / Shared), totals = room[((tables / sizeof(float)) + scales.Length)..];
                Build(x.Values[token], new((sbyte*)start, tables), scales, totals, entries);
                new Work(this, (byte*)start, scales, totals, y[token].Slice(column, _rows)).Run(member, members);
            }
        }
    }

    public override void Dispose()
    {
        _planes.Dispose();
        _scales.Dispose();
        base.Dispose();
    }

    /// <summary>Where the sum of a row of a tile comes to lie: even and odd rows of a register widen apart.</summary>
    private static int Place(int row) => (row / 32 * 32) + (row % 2 * 16) + (row % 32 / 2);

    /// <summary>Groups of columns, in them planes, the highest first, in them registers of four columns.</summary>
    private unsafe void Put(byte* planes, int row, int column, int number)
    {
        for (int plane = 0; plane < _bits; plane++)
        {
            long register = (((column / _group * _bits) + (_bits - 1 - plane)) * (_group / 4)) + (column % _group / 4);
            planes[(register * 32) + (row % 32)] |= (byte)(((number >> plane) & 1) << ((column % 4) + (4 * (row / 32))));
        }
    }

    /// <summary>Sums of fours with all signs, rounded; the greatest sum of magnitudes under a scale is 127.</summary>
    private void Build(ReadOnlySpan<float> x, Span<sbyte> tables, Span<float> scales, Span<float> totals, int entries)
    {
        for (int i = 0; i < totals.Length; i++)
        {
            float sum = 0;
            foreach (float value in x.Slice(i * _group, _group))
                sum += value;
            totals[i] = sum;
        }

        for (int i = 0; i < scales.Length; i++)
        {
            float largest = 0;
            for (int at = i * Shared; at < (i + 1) * Shared; at += 4)
                largest = Math.Max(largest, Math.Abs(x[at]) + Math.Abs(x[at + 1]) + Math.Abs(x[at + 2]) + Math.Abs(x[at + 3]));
            scales[i] = largest / 127;
            float inverse = largest == 0 ? 0 : 127 / largest;
            for (int at = i * Shared; at < (i + 1) * Shared; at += 4)
            {
                for (int entry = 0; entry < entries; entry++)
                {
                    float sum = 0;
                    for (int j = 0; j < 4; j++)
                        sum += (entry >> j & 1) == 0 ? -x[at + j] : x[at + j];
                    tables[(at / 4 * entries) + entry] = (sbyte)Math.Clamp(MathF.Round(sum * inverse), -127, 127);
                }
            }
        }
    }

    private readonly unsafe ref struct Work(ByteTables multiplier, byte* tables, ReadOnlySpan<float> scales, ReadOnlySpan<float> totals, Span<float> y)
    {
        private readonly ByteTables _multiplier = multiplier;
        private readonly byte* _tables = tables;
        private readonly ReadOnlySpan<float> _scales = scales, _totals = totals;
        private readonly Span<float> _y = y;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of((_y.Length + Rows - 1) / Rows, 1, member, members);
            Span<float> sums = stackalloc float[Rows];
            for (int tile = first; tile < end; tile++)
            {
                sums.Clear();
                fixed (float* to = sums)
                    Tile(tile, to);
                for (int row = 0; row < Math.Min(Rows, _y.Length - (tile * Rows)); row++)
                    _y[(tile * Rows) + row] = sums[Place(row)];
            }
        }

        [MethodImpl(HotLoop.Compiled)]
        private void Tile(int tile, float* sums)
        {
            int columns = _multiplier._columns, bits = _multiplier._bits, group = _multiplier._group;
            byte* words = _multiplier._planes.Start + ((long)tile * Rows * columns / 8 * bits);
            float* factors = (float*)_multiplier._scales.Start + ((long)tile * Rows * (columns / group) * 2);
            var low = Vector256.Create((byte)15);
            for (int column = 0; column < columns; column += group, factors += 2 * Rows)
            {
                Vector256<short> even = default, odd = default, evenBelow = default, oddBelow = default;
                for (int plane = 0; plane < bits; plane++)
                {
                    Vector256<ushort> all = default, high = default, allBelow = default, highBelow = default;
                    for (int i = column / 4; i < (column + group) / 4; i++, words += 32)
                    {
                        Vector256<byte> table = Table(i), indices = Vector256.Load(words);
                        Vector256<ushort> found = Look(table, indices & low).AsUInt16();
                        Vector256<ushort> below = Look(table, (indices.AsUInt16() >>> 4).AsByte() & low).AsUInt16();
                        all += found;
                        high += found >>> 8;
                        allBelow += below;
                        highBelow += below >>> 8;
                    }

                    // Entries are raised by 128: a word of two is even + 256 · odd.
                    var raised = Vector256.Create((short)(32 * group));
                    even = even + even + (all - (high << 8)).AsInt16() - raised;
                    odd = odd + odd + high.AsInt16() - raised;
                    evenBelow = evenBelow + evenBelow + (allBelow - (highBelow << 8)).AsInt16() - raised;
                    oddBelow = oddBelow + oddBelow + highBelow.AsInt16() - raised;
                }

                var scale = Vector256.Create(_scales[column / Shared]);
                var total = Vector256.Create(_totals[column / group]);
                Add(sums, factors, even, scale, total);
                Add(sums + 16, factors + 16, odd, scale, total);
                Add(sums + 32, factors + 32, evenBelow, scale, total);
                Add(sums + 48, factors + 48, oddBelow, scale, total);
            }
        }

        /// <summary>Sixteen entries, raised by 128; the second eight are the first eight mirrored.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector256<byte> Table(int i)
        {
            var entries = Vector128.Load((sbyte*)_tables + (i * 16));
            if (_multiplier._isMirrored)
            {
                Vector128<sbyte> half = Vector128.CreateScalarUnsafe(*(long*)(_tables + (i * 8))).AsSByte();
                entries = Vector128.Shuffle(half, Vector128.Create((sbyte)0, 1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1, 0));
                entries = (entries ^ Vector128.Create(0L, -1L).AsSByte()) - Vector128.Create(0L, -1L).AsSByte();
            }

            Vector128<byte> raised = entries.AsByte() ^ Vector128.Create((byte)128);
            return Vector256.Create(raised, raised);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> Look(Vector256<byte> table, Vector256<byte> indices) => Avx2.IsSupported
            ? Avx2.Shuffle(table, indices)
            : Vector256.Create(Vector128.Shuffle(table.GetLower(), indices.GetLower()), Vector128.Shuffle(table.GetLower(), indices.GetUpper()));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(float* sums, float* factors, Vector256<short> found, Vector256<float> scale, Vector256<float> total)
        {
            (Vector256<int> lower, Vector256<int> upper) = Vector256.Widen(found);
            Vector256<float> first = (Vector256.ConvertToSingle(lower) * scale * Vector256.Load(factors)) + (total * Vector256.Load(factors + Rows));
            Vector256<float> second = (Vector256.ConvertToSingle(upper) * scale * Vector256.Load(factors + 8)) + (total * Vector256.Load(factors + Rows + 8));
            (Vector256.Load(sums) + first).Store(sums);
            (Vector256.Load(sums + 8) + second).Store(sums + 8);
        }
    }
}
