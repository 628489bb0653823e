using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>A set of points in four or eight dimensions, each coordinate a digit that stands for a level.</summary>
/// <remarks>Points are kept as rows: those of one row share the upper half of their digits. The nearest point is found by
/// adding costs of halves, and a row is passed over when its half with the cheapest other costs more than the best point so far.</remarks>
internal sealed class Lattice
{
    private const int Width = 8;   // values of a register

    private readonly int _base;
    private readonly byte[] _low;
    private readonly short[] _rows;
    private readonly byte[] _digits;

    /// <summary>A set of points.</summary>
    /// <param name="dimensions">Digits in a point, 4 or 8.</param>
    /// <param name="digits">Values of a digit.</param>
    /// <param name="members">Which of all points belong to it, as a bitmap in base64.</param>
    public Lattice(int dimensions, int digits, string members)
    {
        (Dimensions, _base) = (dimensions, digits);
        byte[] bitmap = Convert.FromBase64String(members);
        int half = 1, count = 0;
        for (int i = 0; i < dimensions / 2; i++)
            half *= digits;

        _low = new byte[2048];
        _rows = new short[half + 1];
        for (int i = 0; i < half * half; i++)
        {
            if ((bitmap[i / 8] >> (i % 8) & 1) != 0)
                _low[count++] = (byte)(i % half);
            _rows[(i / half) + 1] = (short)count;
        }

        Count = count;
        _digits = new byte[count * dimensions];
        for (int row = 0; row < half; row++)
        {
            for (int i = _rows[row]; i < _rows[row + 1]; i++)
                Split((row * half) + _low[i], _digits.AsSpan(i * dimensions, dimensions));
        }
    }

    /// <summary>Coordinates of a point.</summary>
    public int Dimensions { get; }

    /// <summary>Points in the set.</summary>
    public int Count { get; }

    /// <summary>One digit of a point.</summary>
    public int Digit(int point, int coordinate) => _digits[(point * Dimensions) + coordinate];

    /// <summary>All points, one level in a byte, the first lowest.</summary>
    /// <param name="levels">What each digit stands for.</param>
    public ulong[] Points(ReadOnlySpan<sbyte> levels)
    {
        ulong[] points = new ulong[Count];
        for (int i = 0; i < _digits.Length; i++)
            points[i / Dimensions] |= (ulong)(byte)levels[_digits[i]] << (8 * (i % Dimensions));
        return points;
    }

    /// <summary>The point whose digits cost least together.</summary>
    /// <param name="costs">What each digit costs at each coordinate, shape [digits, <see cref="Dimensions"/>].</param>
    /// <param name="cost">Receives what the point costs.</param>
    [SkipLocalsInit, MethodImpl(HotLoop.Compiled)]
    public int Nearest(ReadOnlySpan<float> costs, out float cost)
    {
        int half = _rows.Length - 1, padded = (half + Width - 1) / Width * Width;
        Span<float> low = stackalloc float[padded + Width], high = stackalloc float[padded + Width];
        Add(costs, 0, low);
        Add(costs, Dimensions / 2, high);
        low[half..padded].Fill(float.PositiveInfinity);
        high[half..padded].Fill(float.PositiveInfinity);
        (float least, _) = Least(low[..padded]);
        (_, int first) = Least(high[..padded]);

        // The cheapest upper half first: where it meets a cheap lower half, few other rows are left to look at.
        int best = 0;
        cost = float.PositiveInfinity;
        Scan(first, low, high[first], ref cost, ref best);
        for (int row = 0; row < padded; row += Width)
        {
            uint cheaper = Vector256.LessThan(Vector256.Create<float>(high[row..]) + Vector256.Create(least), Vector256.Create(cost)).ExtractMostSignificantBits();
            for (; cheaper != 0; cheaper &= cheaper - 1)
            {
                int at = row + BitOperations.TrailingZeroCount(cheaper);
                if (at != first && high[at] + least < cost)
                    Scan(at, low, high[at], ref cost, ref best);
            }
        }

        return best;
    }

    /// <summary>Looks at the points of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Scan(int row, ReadOnlySpan<float> low, float high, ref float cost, ref int best)
    {
        for (int i = _rows[row]; i < _rows[row + 1]; i++)
        {
            float sum = high + low[_low[i]];
            if (sum < cost)
                (cost, best) = (sum, i);
        }
    }

    /// <summary>The least of some values and where it stands first.</summary>
    private static (float Value, int At) Least(ReadOnlySpan<float> values)
    {
        var least = Vector256.Create(values);
        for (int i = Width; i < values.Length; i += Width)
            least = Vector256.MinNative(least, Vector256.Create(values[i..]));
        float value = least[0];
        for (int i = 1; i < Width; i++)
            value = MathF.Min(value, least[i]);
        return (value, Math.Max(values.IndexOf(value), 0));
    }

    /// <summary>The sums for all digits of half a point.</summary>
    /// <param name="costs">As in <see cref="Nearest"/>.</param>
    /// <param name="first">The half's first coordinate.</param>
    /// <param name="sums">Receives the sums, the first coordinate's digit fastest; there is room for a register more.</param>
    [SkipLocalsInit]
    private void Add(ReadOnlySpan<float> costs, int first, Span<float> sums)
    {
        Span<float> before = stackalloc float[32];
        for (int digit = 0; digit < _base; digit++)
            sums[digit] = costs[(digit * Dimensions) + first];
        int size = _base;
        for (int i = 1; i < Dimensions / 2; i++)
        {
            // Whole registers are written: each digit's sums cover what the one before wrote too much.
            sums[..size].CopyTo(before);
            for (int digit = 0; digit < _base; digit++)
            {
                var cost = Vector256.Create(costs[(digit * Dimensions) + first + i]);
                for (int at = 0; at < size; at += Width)
                    (Vector256.Create<float>(before[at..]) + cost).CopyTo(sums[((digit * size) + at)..]);
            }

            size *= _base;
        }
    }

    private void Split(int number, Span<byte> digits)
    {
        for (int i = 0; i < digits.Length; i++)
            (digits[i], number) = ((byte)(number % _base), number / _base);
    }
}
