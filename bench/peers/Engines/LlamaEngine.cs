using Thimble.Peers.Native;
using static Thimble.Peers.Native.LlamaLibrary;

namespace Thimble.Peers.Engines;

/// <summary>llama.cpp.</summary>
internal sealed class LlamaEngine : IEngine
{
    private readonly nint _model;
    private readonly LlamaContext _long;
    private readonly LlamaContext? _short;
    private LlamaContext _last;

    /// <param name="path">A GGUF file.</param>
    /// <param name="lengths">How long its sequences may get.</param>
    /// <exception cref="InvalidDataException">llama.cpp cannot load it.</exception>
    public LlamaEngine(string path, Lengths lengths)
    {
        _model = llama_model_load_from_file(path, llama_model_default_params());
        if (_model == 0)
            throw new InvalidDataException($"llama.cpp cannot load '{path}'. It said: {LastError}");
        Vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(_model));
        _last = _long = new LlamaContext(_model, 1, lengths.Long, lengths.Chunk);
        _short = lengths.Sequences == 0 ? null : new LlamaContext(_model, lengths.Sequences, lengths.Short, lengths.Sequences);
    }

    public string Name => "llama.cpp";

    public int Vocabulary { get; }

    public int Threads
    {
        set
        {
            _long.SetThreads(value);
            _short?.SetThreads(value);
        }
    }

    public void Cut(int length)
    {
        _long.Cut(length);
        _short?.Cut(0);
    }

    public void Read(ReadOnlySpan<int> tokens, bool all = false)
    {
        (_last = _long).Read(tokens, all);
        _ = Logits(tokens.Length - 1);
    }

    public void Step(ReadOnlySpan<int> tokens)
    {
        _last = tokens.Length == 1 ? _long : _short!;
        _last.Step(tokens);
        for (int i = 0; i < tokens.Length; i++)
            _ = Logits(i);
    }

    public ReadOnlySpan<float> Logits(int token) => _last.Logits(token, Vocabulary);

    public void Dispose()
    {
        _long.Dispose();
        _short?.Dispose();
        llama_model_free(_model);
    }
}
