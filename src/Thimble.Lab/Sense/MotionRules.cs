namespace Thimble.Lab.Sense;

/// <summary>What the sensors of one window say in numbers.</summary>
/// <param name="Steps">Steps a minute.</param>
/// <param name="Acceleration">The mean size of the acceleration without gravity, m/s².</param>
/// <param name="Climb">From the window's first height to its last, metres; null without a barometer.</param>
/// <param name="Speed">Metres a second; null without a fix that can be trusted.</param>
/// <param name="Networks">Names of wireless networks near by, the strongest first.</param>
public sealed record WindowFeatures(double Steps, double Acceleration, double? Climb, double? Speed, IReadOnlyList<string> Networks);

/// <summary>How somebody moves, by rules on the numbers of a window; several may hold at once.</summary>
/// <remarks>Source: AutoLife's motion rules, with its thresholds and in its order. A speed or height that is not known satisfies
/// "below" and never "above".</remarks>
internal static class MotionRules
{
    internal const string Stationary = "stationary", Limited = "limited motion", Walking = "walking", Cycling = "jogging or cycling", Jogging = "jogging",
        Vehicle = "vehicle", Lift = "escalator or elevator", Unknown = "not determined";

    /// <summary>The labels of a window.</summary>
    /// <param name="window">Its numbers.</param>
    /// <param name="before">The labels of the window before, taken over where no rule holds; empty for none.</param>
    public static IReadOnlyList<string> Of(WindowFeatures window, IReadOnlyList<string> before)
    {
        double steps = window.Steps, force = window.Acceleration, climb = Math.Abs(window.Climb ?? 0), speed = window.Speed ?? 0;
        List<string> labels = [];
        if (steps <= 2 && force <= 0.1 && climb < 0.1 && speed < 0.1)
            labels.Add(Stationary);
        else if (steps <= 10 && climb < 1 && speed < 0.5)
            labels.Add(Limited);
        if (steps >= 30 && force >= 0.5 && speed < 1.8)
            labels.Add(Walking);
        if (steps >= 70 && force >= 2 && window.Speed is null or (>= 2 and < 8))
            labels.Add(Cycling);

        if (steps > 140 && force >= 3)
        {
            labels.Remove(Walking);
            labels.Add(Jogging);
        }

        if ((steps <= 5 && (force > 2 || speed >= 2)) || speed > 5)
            labels.Add(Vehicle);
        if (steps <= 10 && climb >= 2 && speed < 2)
            labels.Add(Lift);
        if (labels.Count > 0)
            return labels;
        return before.Count > 0 ? before : [Unknown];
    }
}
