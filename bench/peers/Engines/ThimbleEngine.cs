using Thimble.Compute.Memory;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Planning;

namespace Thimble.Peers.Engines;

/// <summary>Thimble, its decoder run bare.</summary>
internal sealed class ThimbleEngine : IEngine
{
    private readonly ModelFile _file;
    private readonly Workbench _bench;
    private readonly SequenceState _long;
    private readonly SequenceState[] _short;
    private float[] _logits = [];

    /// <param name="path">A model.</param>
    /// <param name="threads">Threads that open it.</param>
    /// <param name="lengths">How long its sequences may get.</param>
    /// <param name="precision">What activations are rounded to.</param>
    public ThimbleEngine(string path, int threads, Lengths lengths, Precision precision = Precision.Bytes)
    {
        _file = ModelFile.Open(path);
        _bench = new Workbench(_file, threads, lengths.Long, precision, cache: precision == Precision.Floats ? "F32" : "F16");
        _long = _bench.CreateSequence();
        _short = [.. Enumerable.Range(0, lengths.Sequences).Select(_ => _bench.CreateSequence())];
        Name = precision == Precision.Floats ? "Thimble, floats" : "Thimble";
    }

    public string Name { get; }

    public int Vocabulary => _bench.Vocabulary;

    public int Threads { set => _bench.Threads = value; }

    public void Cut(int length)
    {
        _long.Truncate(Math.Min(length, _long.Length), []);
        foreach (SequenceState sequence in _short)
            sequence.Truncate(0, []);
    }

    public void Read(ReadOnlySpan<int> tokens, bool all = false)
    {
        Matrix logits = _bench.Read(_long, tokens, all ? tokens.Length : 1);
        // A copy would be timed; llama.cpp lends its scores too. Only comparisons look at them.
        if (all)
            _logits = logits.Values.ToArray();
    }

    public void Step(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length == 1)
            _bench.Read(_long, tokens);
        else
            _bench.Step(_short.AsSpan(0, tokens.Length), tokens);
    }

    public ReadOnlySpan<float> Logits(int token) => _logits.AsSpan(token * Vocabulary, Vocabulary);

    public void Dispose()
    {
        _bench.Dispose();
        _file.Dispose();
    }
}
