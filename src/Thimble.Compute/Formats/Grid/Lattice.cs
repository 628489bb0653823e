using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>A set of points in four or eight dimensions, each coordinate a digit that stands for a level.</summary>
/// <remarks>Points are kept as rows: those of one row share the upper half of their digits. The nearest point is found by
/// adding costs of halves, and a row is passed over when its half alone costs more than the best point so far.</remarks>
internal sealed class Lattice
{
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
    /// <param name="costs">What each digit costs at each coordinate, shape [<see cref="Dimensions"/>, digits].</param>
    /// <param name="cost">Receives what the point costs.</param>
    [SkipLocalsInit]
    public int Nearest(ReadOnlySpan<float> costs, out float cost)
    {
        int half = _rows.Length - 1;
        Span<float> low = stackalloc float[half], high = stackalloc float[half];
        int middle = costs.Length / 2;
        Add(costs[..middle], low);
        Add(costs[middle..], high);

        float least = float.PositiveInfinity;
        foreach (float sum in low)
            least = MathF.Min(least, sum);

        int best = 0;
        cost = float.PositiveInfinity;
        for (int row = 0; row < half; row++)
        {
            if (high[row] + least >= cost)
                continue;

            for (int i = _rows[row]; i < _rows[row + 1]; i++)
            {
                float sum = high[row] + low[_low[i]];
                if (sum < cost)
                    (cost, best) = (sum, i);
            }
        }

        return best;
    }

    /// <summary>The sums for all digits of half a point.</summary>
    private void Add(ReadOnlySpan<float> costs, Span<float> sums)
    {
        costs[.._base].CopyTo(sums);
        int size = _base;
        for (int at = _base; at < costs.Length; at += _base)
        {
            for (int digit = _base - 1; digit >= 0; digit--)
            {
                for (int i = 0; i < size; i++)
                    sums[(digit * size) + i] = sums[i] + costs[at + digit];
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
