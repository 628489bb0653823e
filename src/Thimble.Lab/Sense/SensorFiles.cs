using System.Globalization;
using Thimble.Lab.Evaluate;

namespace Thimble.Lab.Sense;

/// <summary>The sensor files of one session, one comma-separated file for each sensor, without heads, the first cell in milliseconds since 1970.</summary>
/// <remarks>Source: the AutoLife data set's description of its files (WANDS-HKUST/AutoLife, data/README.md).</remarks>
internal sealed class SensorFiles
{
    private readonly Dictionary<string, string[][]> _files = new(StringComparer.Ordinal);

    /// <summary>Reads sessions from texts by file name.</summary>
    /// <param name="files">Names without ending, such as <c>WiFi</c>, and texts.</param>
    /// <exception cref="InvalidDataException">A row has too few cells or no time.</exception>
    public SensorFiles(IReadOnlyDictionary<string, string> files)
    {
        foreach ((string name, string text) in files)
        {
            _files[name] = [.. Csv.Read(text).Select(row => row.Cells)];
            int wanted = Cells(name);
            for (int i = 0; i < _files[name].Length; i++)
            {
                string[] row = _files[name][i];
                if (row.Length < wanted || !long.TryParse(row[0], CultureInfo.InvariantCulture, out _))
                    throw new InvalidDataException($"{name}.csv, row {i + 1}: expected {wanted} cells, the first a time in milliseconds.");
            }
        }
    }

    /// <summary>Reads a session's folder; a file that is not there has no rows.</summary>
    /// <param name="folder">The folder.</param>
    public static SensorFiles Read(string folder) => new(Directory.GetFiles(folder, "*.csv").ToDictionary(
        path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal));

    /// <summary>When its first and last rows were recorded, milliseconds; equal where it has none.</summary>
    public (long First, long Last) Span
    {
        get
        {
            long[] times = [.. _files.Values.SelectMany(rows => rows).Select(row => Time(row))];
            return times.Length == 0 ? (0, 0) : (times.Min(), times.Max());
        }
    }

    /// <summary>A sensor's rows within a time.</summary>
    public IEnumerable<string[]> Rows(string name, long from, long to) =>
        (_files.GetValueOrDefault(name) ?? []).Where(row => Time(row) >= from && Time(row) <= to);

    /// <summary>A row's time, milliseconds.</summary>
    public static long Time(string[] row) => long.Parse(row[0], CultureInfo.InvariantCulture);

    /// <summary>A cell's number; NaN where it holds none.</summary>
    public static double Number(string[] row, int cell) => double.TryParse(row[cell], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;

    private static int Cells(string name) => name switch
    {
        "Accelerometer" or "Linear_Accelerometer" or "Gyroscope" => 4,
        "Location" => 10,
        "Satellite" => 8,
        "WiFi" => 7,
        _ => 2,
    };
}
