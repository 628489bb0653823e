namespace Thimble.Planning;

/// <summary>Measurements that are taken several times, and again while they differ too much.</summary>
/// <remarks>Other work only ever slows one down, so the rate kept is the median of the faster half.</remarks>
/// <param name="times">How often each is taken.</param>
/// <param name="most">How often it is taken at most.</param>
internal sealed class Repetition(int times, int most)
{
    private const double Tolerance = 0.1;   // between the fastest and the median of the faster half

    /// <summary>How far the worst measurement's faster half differed.</summary>
    public double Spread { get; private set; }

    /// <summary>Measurements that were taken again.</summary>
    public int Repeated { get; private set; }

    /// <summary>A rate.</summary>
    /// <param name="measure">Measures it once.</param>
    public double Rate(Func<double> measure)
    {
        List<double> rates = [];
        bool again = false;
        while (rates.Count < times || (rates.Count < most && Differing(rates) > Tolerance))
        {
            again |= rates.Count >= times;
            rates.Add(measure());
        }

        Repeated += again ? 1 : 0;
        Spread = Math.Max(Spread, Differing(rates));
        return Kept(rates);
    }

    /// <summary>The median of the faster half.</summary>
    private static double Kept(List<double> rates)
    {
        double[] falling = [.. rates.OrderDescending()];
        return falling[((falling.Length + 1) / 2) / 2];
    }

    private static double Differing(List<double> rates) => 1 - (Kept(rates) / rates.Max());
}
