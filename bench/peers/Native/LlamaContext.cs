using System.Runtime.InteropServices;
using static Thimble.Peers.Native.LlamaLibrary;

namespace Thimble.Peers.Native;

/// <summary>Sequences of one llama.cpp model.</summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    private readonly nint _context;
    private readonly TokenBatch _batch;
    private readonly int[] _lengths;
    private readonly Dictionary<int, nint> _pools = [];

    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="step">The most tokens of a step.</param>
    /// <exception cref="InvalidOperationException">llama.cpp refuses, or does not do as told.</exception>
    public LlamaContext(nint model, int sequences, int length, int step)
    {
        length = (length + 255) / 256 * 256;
        OpaqueParameters parameters = ContextLayout.Defaults();
        parameters[ContextLayout.Context] = sequences * length;
        parameters[ContextLayout.Batch] = step;
        parameters[ContextLayout.SmallBatch] = step;
        parameters[ContextLayout.Sequences] = sequences;
        parameters[ContextLayout.Threads] = 1;
        parameters[ContextLayout.BatchThreads] = 1;
        parameters[ContextLayout.FlashAttention] = -1;   // automatic, as llama-bench: on for the CPU
        parameters[ContextLayout.KeyType] = 1;           // F16
        parameters[ContextLayout.ValueType] = 1;
        _context = llama_init_from_model(model, parameters);
        if (_context == 0)
            throw new InvalidOperationException($"llama.cpp made no context of {sequences} × {length} tokens. It said: {LastError}");
        Expect("n_ctx", llama_n_ctx(_context), sequences * length);
        Expect("n_batch", llama_n_batch(_context), step);
        Expect("n_ubatch", llama_n_ubatch(_context), step);
        Expect("n_seq_max", llama_n_seq_max(_context), sequences);
        _batch = new TokenBatch(step);
        _lengths = new int[sequences];
    }

    /// <summary>Computes with this many threads, kept between steps as llama-bench does.</summary>
    public void SetThreads(int threads)
    {
        if (!_pools.TryGetValue(threads, out nint pool))
        {
            byte* parameters = stackalloc byte[4096];
            ggml_threadpool_params_init(parameters, threads);
            pool = ((delegate* unmanaged[Cdecl]<byte*, nint>)Function("ggml_threadpool_new"))(parameters);
            _pools.Add(threads, pool);
        }

        llama_attach_threadpool(_context, pool, pool);
        llama_set_n_threads(_context, threads, threads);
        Expect("n_threads", (uint)llama_n_threads(_context), threads);
        Expect("n_threads_batch", (uint)llama_n_threads_batch(_context), threads);
    }

    /// <summary>Forgets the tokens of every sequence from <paramref name="length"/> on.</summary>
    public void Cut(int length)
    {
        nint memory = llama_get_memory(_context);
        if (length == 0)
            llama_memory_clear(memory, 0);
        for (int i = 0; i < _lengths.Length; i++)
        {
            if (_lengths[i] > length && length > 0 && llama_memory_seq_rm(memory, i, length, -1) == 0)
                throw new InvalidOperationException($"llama.cpp cannot cut sequence {i} at {length}: the model keeps more than keys and values.");
            _lengths[i] = Math.Min(_lengths[i], length);
        }
    }

    /// <summary>Reads tokens of the first sequence in one step.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="all">Whether the scores of all are wanted, or those of the last.</param>
    public void Read(ReadOnlySpan<int> tokens, bool all)
    {
        _batch.Clear();
        for (int i = 0; i < tokens.Length; i++)
            _batch.Add(tokens[i], _lengths[0]++, 0, all || i == tokens.Length - 1);
        Decode();
    }

    /// <summary>Reads one token of each of the first sequences in one step.</summary>
    public void Step(ReadOnlySpan<int> tokens)
    {
        _batch.Clear();
        for (int i = 0; i < tokens.Length; i++)
            _batch.Add(tokens[i], _lengths[i]++, i, wanted: true);
        Decode();
    }

    /// <summary>The scores of a token of the last step.</summary>
    public ReadOnlySpan<float> Logits(int token, int vocabulary)
    {
        float* logits = llama_get_logits_ith(_context, token);
        return logits != null ? new(logits, vocabulary) : throw new InvalidOperationException($"llama.cpp has no scores of token {token}: {LastError}");
    }

    public void Dispose()
    {
        llama_detach_threadpool(_context);
        llama_free(_context);
        foreach (nint pool in _pools.Values)
            ((delegate* unmanaged[Cdecl]<nint, void>)Function("ggml_threadpool_free"))(pool);
        _batch.Dispose();
    }

    private void Decode()
    {
        int code = llama_decode(_context, _batch.Native);
        if (code != 0)
            throw new InvalidOperationException($"llama_decode gives {code} for {_batch.Count} tokens. It said: {LastError}");
        llama_synchronize(_context);
    }

    private static void Expect(string name, uint got, int expected)
    {
        if (got != expected)
            throw new InvalidOperationException($"llama.cpp's {name} is {got} after it was set to {expected}: the layout of its parameters has changed.");
    }
}
