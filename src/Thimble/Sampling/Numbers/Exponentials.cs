namespace Thimble.Sampling;

/// <summary>Exponential and logarithm in additions and multiplications only, the same to the last bit on every machine.</summary>
/// <remarks><c>Math.Exp</c> asks the platform's C library, whose last bit differs between systems; a draw that falls on that bit
/// would give another text.</remarks>
internal static class Exponentials
{
    // Two parts of ln 2: the first has its low bits clear, so that multiples of it are exact.
    private const double LogTwoHigh = 6.93147180369123816490e-01, LogTwoLow = 1.90821492927058770002e-10;

    /// <summary><c>eˣ</c>; zero below −708 and infinity above 709.</summary>
    /// <remarks>Accuracy: within 2 units in the last place of the true value.</remarks>
    public static double Exp(double x)
    {
        if (x < -708)
            return 0;
        if (x > 709)
            return double.PositiveInfinity;

        double power = Math.Floor((x * 1.4426950408889634) + 0.5);
        double r = x - (power * LogTwoHigh) - (power * LogTwoLow);   // |r| ≤ ln 2 / 2

        // Taylor to r¹³: the first term left out is below 5e-18.
        double y = 1.0 / 6227020800;
        y = (y * r) + (1.0 / 479001600);
        y = (y * r) + (1.0 / 39916800);
        y = (y * r) + (1.0 / 3628800);
        y = (y * r) + (1.0 / 362880);
        y = (y * r) + (1.0 / 40320);
        y = (y * r) + (1.0 / 5040);
        y = (y * r) + (1.0 / 720);
        y = (y * r) + (1.0 / 120);
        y = (y * r) + (1.0 / 24);
        y = (y * r) + (1.0 / 6);
        y = (y * r) + 0.5;
        y = (y * r * r) + r + 1;
        return y * BitConverter.Int64BitsToDouble(((long)power + 1023) << 52);
    }

    /// <summary><c>ln x</c> for a positive, finite, normal x; −∞ for anything smaller.</summary>
    /// <remarks>Accuracy: within 2e-16 of the true value, relative to the greater of it and 1.</remarks>
    public static double Log(double x)
    {
        if (!(x >= 2.2250738585072014e-308))
            return double.NegativeInfinity;

        long bits = BitConverter.DoubleToInt64Bits(x);
        int power = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
            (m, power) = (m / 2, power + 1);

        // ln m = 2 artanh s with |s| ≤ 0.172: twelve terms leave less than 1e-19.
        double s = (m - 1) / (m + 1), square = s * s, y = 0;
        for (int i = 23; i >= 3; i -= 2)
            y = (y + (1.0 / i)) * square;
        return (power * LogTwoHigh) + ((power * LogTwoLow) + (2 * s * y) + (2 * s));
    }

    /// <summary><c>xᵉ</c> for x ≥ 0.</summary>
    public static double Power(double x, double exponent) => exponent == 0 ? 1 : x <= 0 ? 0 : Exp(exponent * Log(x));

    /// <summary><c>xᵉ</c> for a whole e ≥ 0, by squaring.</summary>
    public static double Power(double x, int exponent)
    {
        double y = 1;
        for (; exponent > 0; exponent >>= 1, x *= x)
        {
            if ((exponent & 1) == 1)
                y *= x;
        }

        return y;
    }
}
