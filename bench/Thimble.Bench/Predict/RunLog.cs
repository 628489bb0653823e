using System.Globalization;

namespace Thimble.Bench;

/// <summary>Runs that have been timed, a line each, kept from start to start.</summary>
internal sealed class RunLog
{
    private readonly Dictionary<string, double> _seconds = [];
    private readonly string _path;

    public RunLog(string path)
    {
        _path = path;
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (line.Split(',') is [var name, var seconds] && double.TryParse(seconds, CultureInfo.InvariantCulture, out double value))
                _seconds[name] = value;
        }
    }

    public bool Has(string name) => _seconds.ContainsKey(name);

    public double Seconds(string name) => _seconds[name];

    public void Add(string name, double seconds)
    {
        _seconds[name] = seconds;
        File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{name},{seconds:R}\n"));
    }
}
