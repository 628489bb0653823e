using System.Runtime.CompilerServices;

namespace Thimble.Peers.Native;

/// <summary>A parameter structure of llama.cpp whose length is not known here: it comes back with defaults and goes in as the last
/// argument, where the calling convention of Linux passes long structures in memory and the callee reads only its own.</summary>
internal unsafe struct OpaqueParameters
{
    private fixed byte _bytes[512];

    /// <summary>The 32-bit number at an offset.</summary>
    public int this[int offset]
    {
        get => Unsafe.ReadUnaligned<int>(ref _bytes[offset]);
        set => Unsafe.WriteUnaligned(ref _bytes[offset], value);
    }
}

/// <summary>Where the numbers of <c>llama_context_params</c> lie, told by the defaults that stand there.</summary>
/// <remarks>Source: llama.cpp, <c>include/llama.h</c>, mid 2026; a release that moves them is refused with what was found.</remarks>
internal static class ContextLayout
{
    public const int Context = 0, Batch = 4, SmallBatch = 8, Sequences = 12, Threads = 28, BatchThreads = 32, FlashAttention = 52, KeyType = 104, ValueType = 108;

    /// <summary>What the defaults are: context 512, batches 2,048 and 512, one sequence, four threads, scaling to flash attention
    /// unset or automatic, keys and values in F16.</summary>
    private static readonly (int Offset, int Value)[] s_defaults =
    [
        (Context, 512), (Batch, 2048), (SmallBatch, 512), (Sequences, 1), (Threads, 4), (BatchThreads, 4),
        (40, -1), (44, -1), (48, -1), (FlashAttention, -1), (KeyType, 1), (ValueType, 1),
    ];

    /// <summary>The defaults, once it is certain where they lie.</summary>
    /// <exception cref="NotSupportedException">This release of llama.cpp has another layout.</exception>
    public static OpaqueParameters Defaults()
    {
        OpaqueParameters parameters = LlamaLibrary.llama_context_default_params();
        foreach ((int offset, int value) in s_defaults)
        {
            if (parameters[offset] == value)
                continue;
            throw new NotSupportedException(
                $"llama_context_params has {parameters[offset]} at byte {offset}; expected the default {value}. This release of llama.cpp has another layout: " +
                $"fetch the version that bench/peers/run names. Found: {string.Join(' ', Enumerable.Range(0, 40).Select(i => parameters[4 * i]))}.");
        }

        return parameters;
    }
}
