using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Thimble.Grammar;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>How long JSON schemas take to compile, and masks to be worked out, along texts that fit them.</summary>
internal static class GrammarBench
{
    /// <summary>Runs over a folder, or packed folder, of JSONSchemaBench's files.</summary>
    public static void Run(string[] args)
    {
        var tokenizer = Tokenizer.From(TokenizerJson.Read(args[0]));
        int every = args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1;
        Console.WriteLine($"vocabulary {tokenizer.VocabularySize}");
        var clock = Stopwatch.StartNew();
        var trie = TokenTrie.Of(tokenizer, tokenizer.VocabularySize, controls: false);
        Console.WriteLine($"tree of {trie.Count} nodes in {clock.Elapsed.TotalMilliseconds:F0} ms");
        var tally = new Tally();
        int number = 0;
        foreach ((string name, byte[] json) in Files(args[1]))
        {
            if (clock.Elapsed.TotalSeconds > s_limit)
                break;
            if (number++ % every == 0)
                One(name, json, tokenizer, trie, tally);
        }

        Console.WriteLine($"{number} files seen in {clock.Elapsed.TotalSeconds:F0} s");
        tally.Print();
    }

    private static void One(string name, byte[] json, Tokenizer tokenizer, TokenTrie trie, Tally tally)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = 256 });
        string schema = document.RootElement.GetProperty("schema").GetRawText();
        long start = Stopwatch.GetTimestamp();
        Syntax syntax;
        try
        {
            syntax = FormatSyntax.Compile(OutputFormat.JsonSchema(schema));
        }
        catch (Exception refusal) when (refusal is NotSupportedException or ArgumentException or CapacityException)
        {
            tally.Refuse(name, refusal, Stopwatch.GetElapsedTime(start));
            return;
        }

        tally.Compiled(name, Stopwatch.GetElapsedTime(start));
        if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(1))
            Console.WriteLine($"{name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s to compile");
        foreach (JsonElement test in document.RootElement.GetProperty("tests").EnumerateArray())
        {
            bool valid = test.GetProperty("valid").GetBoolean();
            string text = JsonSerializer.Serialize(test.GetProperty("data"), s_plain);
            try
            {
                Follow(name, new TokenGrammar(syntax, trie, tokenizer).Begin(), tokenizer, valid, text, tally);
            }
            catch (Exception fault) when (fault is NotSupportedException or CapacityException)
            {
                tally.Fault(name, fault);
            }
        }
    }

    private static readonly double s_limit = double.Parse(Environment.GetEnvironmentVariable("LIMIT") ?? "1e9", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly double s_slow = double.Parse(Environment.GetEnvironmentVariable("SLOW") ?? "1e9", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Place(Frame frame) => frame.GetType().Name + (frame is KeyFrame key ? key.IsGuarded ? key.IsTraced ? " guarded, traced" : " guarded" : " open" : "");

    private static void Follow(string name, Matcher matcher, Tokenizer tokenizer, bool valid, string text, Tally tally)
    {
        bool taken = true;
        List<int> read = [];
        foreach (int token in tokenizer.Encode(text, addSpecial: false))
        {
            string at = string.Join('+', matcher.Snapshot().Frames.Select(Place).Distinct().Order(StringComparer.Ordinal));
            TimeSpan spent = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            bool allowed = matcher.Mask()[token];
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            tally.Mask(name, at, time, Environment.CpuUsage.TotalTime - spent);
            if (time.TotalMilliseconds > s_slow)
                Console.WriteLine($"{name}: {time.TotalMilliseconds:F1} ms for the mask of {string.Join(", ", matcher.Snapshot().Frames.Select(frame => frame.GetType().Name))} before '{tokenizer.Decode([token])}'");
            taken = matcher.Accept(token);
            if (allowed != taken)
                tally.Fault(name, new InvalidOperationException($"mask says {allowed}, the matcher {taken}, of token {token}"));
            if (!taken)
                break;
            read.Add(token);
        }

        string before = tokenizer.Decode([.. read]);
        tally.Instance(name, valid, taken && matcher.IsComplete, taken ? text : $"{before[Math.Max(0, before.Length - 60)..]} >>> {text[Math.Min(text.Length, before.Length)..Math.Min(text.Length, before.Length + 40)]}");
    }

    private static IEnumerable<(string, byte[])> Files(string path)
    {
        if (Directory.Exists(path))
        {
            foreach (string file in Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal))
                yield return (Path.GetFileName(file), File.ReadAllBytes(file));
            yield break;
        }

        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var archive = new TarReader(packed);
        while (archive.GetNextEntry() is { } entry)
        {
            if (!entry.Name.EndsWith(".json", StringComparison.Ordinal) || entry.DataStream is null)
                continue;
            using var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            yield return (Path.GetFileName(entry.Name), bytes.ToArray());
        }
    }

    private sealed class Tally
    {
        private readonly List<(double Milliseconds, string Name)> _compiles = [], _masks = [], _busy = [];
        private readonly Dictionary<string, (int Count, string Names)> _refusals = [];
        private readonly Dictionary<string, (int Count, double Sum)> _places = [];
        private readonly List<string> _wrong = [];
        private int _valid, _validTaken, _invalid, _invalidTaken;

        public void Refuse(string name, Exception refusal, TimeSpan time)
        {
            string[] quoted = refusal.Message.Split('\'');
            string kind = $"{refusal.GetType().Name}: {(quoted.Length > 2 ? $"'{quoted[1]}'" : "")} {(refusal.Message.Length > 110 ? refusal.Message[..110] : refusal.Message)}";
            kind = System.Text.RegularExpressions.Regex.Replace(kind, "'[#/][^']*'?", "'#…'");
            (int count, string? names) = _refusals.GetValueOrDefault(kind);
            _refusals[kind] = (count + 1, count < 3 ? $"{names} {name}" : names);
            _compiles.Add((time.TotalMilliseconds, name + " (refused)"));
        }

        public void Compiled(string name, TimeSpan time) => _compiles.Add((time.TotalMilliseconds, name));

        public void Mask(string name, string at, TimeSpan time, TimeSpan busy)
        {
            (int count, double sum) = _places.GetValueOrDefault(at);
            _places[at] = (count + 1, sum + time.TotalMilliseconds);
            _masks.Add((time.TotalMilliseconds, name));
            _busy.Add((busy.TotalMilliseconds, name));
        }

        public void Fault(string name, Exception fault) => _wrong.Add($"{name}: {fault.Message}");

        public void Instance(string name, bool valid, bool taken, string text)
        {
            _ = valid ? (_valid++, _validTaken += taken ? 1 : 0) : (_invalid++, _invalidTaken += taken ? 1 : 0);
            if (valid != taken)
                _wrong.Add($"{name}: {(valid ? "valid refused" : "invalid taken")}: {(text.Length > 150 ? text[..150] : text)}");
        }

        public void Print()
        {
            Line("compile ms", _compiles);
            Line("mask ms", _masks);
            Line("mask ms of processor", _busy);
            Console.WriteLine($"schemas {_compiles.Count}, refused {_refusals.Values.Sum(refusal => refusal.Count)}; valid {_validTaken} of {_valid} taken, invalid {_invalid - _invalidTaken} of {_invalid} refused");
            foreach ((string at, (int count, double sum)) in _places.OrderByDescending(place => place.Value.Sum).Take(12))
                Console.WriteLine($"{count,8} masks {sum / count:F4} ms each, {sum,8:F0} ms in all: {at}");
            foreach ((string kind, (int count, string names)) in _refusals.OrderByDescending(refusal => refusal.Value.Count).Take(40))
                Console.WriteLine($"{count,6} {kind}:{names}");
            foreach (string wrong in _wrong.Take(60))
                Console.WriteLine(wrong);
        }

        private static void Line(string what, List<(double Milliseconds, string Name)> times)
        {
            if (times.Count == 0)
                return;
            times.Sort();
            Console.WriteLine($"{what}: n {times.Count} mean {times.Average(time => time.Milliseconds):F4} p50 {times[times.Count / 2].Milliseconds:F4} p90 {times[(int)(times.Count * 0.9)].Milliseconds:F4} p99 {times[(int)(times.Count * 0.99)].Milliseconds:F4} p99.9 {times[(int)(times.Count * 0.999)].Milliseconds:F3} max {times[^1].Milliseconds:F2} ({times[^1].Name})");
        }
    }
}
