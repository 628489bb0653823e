using System.Globalization;
using System.Text;

namespace Thimble.Lab.Sense;

/// <summary>A stretch of a day of which all is known.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Minutes">How long it lasts.</param>
/// <param name="Motion">How the user moves: one of <see cref="MotionRules"/>' labels.</param>
/// <param name="Place">Where they are, in words.</param>
/// <param name="Activity">What they do, in words.</param>
/// <param name="Networks">Wireless networks near by.</param>
public sealed record DayStretch(DateTimeOffset Start, int Minutes, string Motion, string Place, string Activity, IReadOnlyList<string> Networks);

/// <summary>Writes sensor files for stretches of a day, so that what the rules and a model make of them can be held against the truth.</summary>
/// <remarks>The recordings of the study are not to be had. These are synthetic: they have the files' form and the rules' numbers, with noise, and nothing of
/// a real phone's faults.</remarks>
internal static class SensorGenerator
{
    private const int Session = 15;   // seconds of each minute that are recorded

    /// <summary>The files of a session of fifteen seconds.</summary>
    /// <param name="stretch">What happens.</param>
    /// <param name="start">When the session begins.</param>
    /// <param name="seed">Begins the noise.</param>
    /// <param name="satellites">Satellites heard.</param>
    public static IReadOnlyDictionary<string, string> Files(DayStretch stretch, DateTimeOffset start, int seed, int satellites = 9)
    {
        (double steps, double force, double climb, double speed) = Numbers(stretch.Motion);
        var random = new Random(seed);
        long first = start.ToUnixTimeMilliseconds();
        StringBuilder linear = new(), whole = new(), pressure = new(), counter = new(), location = new(), heard = new(), networks = new(), label = new();
        for (int i = 0; i <= Session * 10; i++)
        {
            long time = first + (i * 100);
            double noise = 1 + (0.2 * (random.NextDouble() - 0.5));
            Row(linear, time, force * noise, 0, 0);
            Row(whole, time, 0, 0, 9.81 + (force * Math.Sin(2 * Math.PI * steps / 60 * i / 10)));
            double height = 20 + (climb * i / (Session * 10));
            Row(pressure, time, 1013.25 * Math.Pow(1 - (height / 44330), 5.255));
        }

        for (int i = 0; i <= steps * Session / 60; i++)
            Row(counter, first + Math.Min(Session * 1000, (long)(i * 60_000 / Math.Max(1, steps))), 1000 + i);
        for (int satellite = 0; satellite < satellites; satellite++)
            heard.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{first + 5000},{satellites},{satellite + 1},true,{20 + satellite},1,{satellite * 30.0},45.0"));
        location.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{first + 6000},3,{first + 6000},gps,114.26,22.33,20.0,{speed},5.0,0.0"));
        for (int i = 0; i < stretch.Networks.Count; i++)
            networks.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{first + 2000},{stretch.Networks.Count},{first + 2000},\"{stretch.Networks[i]}\",00:00:00:00:00:0{i % 10},2437,{-50 - (5 * i)}"));
        label.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{first},start,,")).AppendLine(string.Create(CultureInfo.InvariantCulture, $"{first + (Session * 1000)},end,,"));
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Linear_Accelerometer"] = linear.ToString(),
            ["Accelerometer"] = whole.ToString(),
            ["Pressure"] = pressure.ToString(),
            ["Step_Counter"] = counter.ToString(),
            ["Location"] = location.ToString(),
            ["Satellite"] = heard.ToString(),
            ["WiFi"] = networks.ToString(),
            ["Label"] = label.ToString(),
        };
    }

    /// <summary>Numbers for which the rules give a motion: steps a minute, acceleration, climb in a session, speed.</summary>
    private static (double Steps, double Force, double Climb, double Speed) Numbers(string motion) => motion switch
    {
        MotionRules.Stationary => (0, 0.03, 0, 0),
        MotionRules.Limited => (4, 0.3, 0.1, 0.1),
        MotionRules.Walking => (100, 1.2, 0.3, 1.3),
        MotionRules.Cycling => (96, 2.6, 0.5, 5),
        MotionRules.Jogging => (168, 4, 0.5, 1.5),
        MotionRules.Vehicle => (0, 0.8, 0.5, 14),
        MotionRules.Lift => (0, 0.4, 8, 0.6),
        _ => throw new ArgumentException($"There is no motion '{motion}' to write sensor files for.", nameof(motion)),
    };

    private static void Row(StringBuilder rows, long time, params ReadOnlySpan<double> values)
    {
        rows.Append(CultureInfo.InvariantCulture, $"{time}");
        foreach (double value in values)
            rows.Append(CultureInfo.InvariantCulture, $",{value:0.########}");
        rows.AppendLine();
    }
}
