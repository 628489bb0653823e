using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Thimble.Server.Telemetry;

/// <summary>Gathers a meter's figures and writes them as Prometheus reads them.</summary>
/// <remarks>Source: Prometheus, text exposition format 0.0.4; OpenTelemetry's rules for names there: dots become underscores, units a suffix,
/// counters end in <c>_total</c>. Memory is bounded by the number of models and statuses, which are the only labels.</remarks>
internal sealed class PrometheusText : IDisposable
{
    private const int MostSeries = 4096;

    private static readonly double[] s_seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
    private static readonly double[] s_tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();

    /// <summary>Begins to gather.</summary>
    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All of them.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (IGrouping<Instrument, KeyValuePair<(Instrument Instrument, string Labels), Series>> group in
            _series.GroupBy(pair => pair.Key.Instrument).OrderBy(group => group.Key.Name, StringComparer.Ordinal))
        {
            bool histogram = IsHistogram(group.Key), counter = IsCounter(group.Key);
            string name = NameOf(group.Key) + (counter ? "_total" : "");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {group.Key.Description}\n# TYPE {name} {(histogram ? "histogram" : counter ? "counter" : "gauge")}\n");
            foreach (((_, string labels), Series series) in group.OrderBy(pair => pair.Key.Labels, StringComparer.Ordinal))
                series.Write(text, name, labels);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsHistogram(Instrument instrument) => instrument is Histogram<double> or Histogram<long>;

    private static bool IsCounter(Instrument instrument) => instrument is Counter<long> or ObservableCounter<long>;

    private static string NameOf(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_');
        return instrument.Unit == "s" ? name + "_seconds" : name;
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = Labels(tags);
        if (_series.Count >= MostSeries && !_series.ContainsKey((instrument, labels)))
            return;
        Series series = _series.GetOrAdd((instrument, labels), key => new Series(
            IsHistogram(key.Instrument) ? (key.Instrument.Unit == "s" ? s_seconds : s_tokens) : null, key.Instrument is Counter<long>));   // an observed counter tells its sum
        series.Add(value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach ((string name, object? value) in tags)
        {
            string shown = (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{name.Replace('.', '_')}=\"{shown}\"");
        }

        return text.ToString();
    }

    /// <summary>One line of figures, or of a histogram several.</summary>
    private sealed class Series(double[]? bounds, bool counts)
    {
        private readonly Lock _lock = new();
        private readonly long[] _buckets = new long[(bounds?.Length ?? 0) + 1];
        private double _sum;
        private long _count;

        public void Add(double value)
        {
            lock (_lock)
            {
                if (bounds is null)
                {
                    _sum = counts ? _sum + value : value;
                    return;
                }

                int bucket = Array.FindIndex(bounds, bound => value <= bound);
                _buckets[bucket < 0 ? bounds.Length : bucket]++;
                _sum += value;
                _count++;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                string braces = labels.Length > 0 ? $"{{{labels}}}" : "";
                if (bounds is null)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {_sum}\n");
                    return;
                }

                string comma = labels.Length > 0 ? "," : "";
                long below = 0;
                for (int i = 0; i < bounds.Length; i++)
                {
                    below += _buckets[i];
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"{bounds[i]}\"}} {below}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {_count}\n{name}_sum{braces} {_sum}\n{name}_count{braces} {_count}\n");
            }
        }
    }
}
