using System.Diagnostics;

namespace Thimble.Planning;

/// <summary>Measurements that are taken several times, and again while they differ too much.</summary>
/// <remarks>Other work only ever slows one down, so the rate kept is the median of the faster half.</remarks>
/// <param name="times">How often each is taken.</param>
/// <param name="most">How often it is taken at most.</param>
/// <param name="patience">Seconds in all after which none is taken again.</param>
internal sealed class Repetition(int times, int most, double patience)
{
    private const double Tolerance = 0.1;   // between the fastest and the median of the faster half

    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>How far the worst measurement's faster half differed.</summary>
    public double Spread { get; private set; }

    /// <summary>Measurements that were taken again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Measurements that differed too much to the end.</summary>
    public List<string> Noisy { get; } = [];

    /// <summary>A rate.</summary>
    /// <param name="name">What is measured.</param>
    /// <param name="measure">Measures it once.</param>
    public double Rate(string name, Func<double> measure)
    {
        List<double> rates = [];
        while (rates.Count < times || (rates.Count < most && Differing(rates) > Tolerance && Stopwatch.GetElapsedTime(_begun).TotalSeconds < patience))
            rates.Add(measure());

        Repeated += rates.Count > times ? 1 : 0;
        Spread = Math.Max(Spread, Differing(rates));
        if (Differing(rates) > Tolerance)
            Noisy.Add(name);
        return Kept(rates);
    }

    /// <summary>The median of the faster half.</summary>
    private static double Kept(List<double> rates)
    {
        double[] falling = [.. rates.OrderDescending()];
        return falling[(falling.Length + 1) / 2 / 2];
    }

    private static double Differing(List<double> rates) => 1 - (Kept(rates) / rates.Max());
}
