using System.Runtime.InteropServices;

namespace Thimble.Peers.Native;

/// <summary>Tokens for one step, as llama.cpp takes them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int Tokens;
    public int* Token;
    public float* Embedding;
    public int* Position;
    public int* SequenceCount;
    public int** Sequence;
    public byte* Wanted;
}

/// <summary>A batch and the memory behind it.</summary>
internal sealed unsafe class TokenBatch : IDisposable
{
    private readonly int _capacity;
    private readonly int* _numbers;      // [4, capacity]: token, position, how many sequences, which
    private readonly int** _sequences;
    private readonly byte* _wanted;

    /// <param name="capacity">The most tokens of a step.</param>
    public TokenBatch(int capacity)
    {
        _capacity = capacity;
        _numbers = (int*)NativeMemory.AllocZeroed((nuint)(4 * capacity), sizeof(int));
        _sequences = (int**)NativeMemory.AllocZeroed((nuint)(capacity + 1), (nuint)sizeof(int*));
        _wanted = (byte*)NativeMemory.AllocZeroed((nuint)capacity);
        for (int i = 0; i < capacity; i++)
        {
            _numbers[(2 * capacity) + i] = 1;
            _sequences[i] = _numbers + (3 * capacity) + i;
        }
    }

    /// <summary>Tokens in it.</summary>
    public int Count { get; private set; }

    /// <summary>What goes to llama.cpp.</summary>
    public LlamaBatch Native => new()
    {
        Tokens = Count,
        Token = _numbers,
        Position = _numbers + _capacity,
        SequenceCount = _numbers + (2 * _capacity),
        Sequence = _sequences,
        Wanted = _wanted,
    };

    /// <summary>Empties it.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a token.</summary>
    public void Add(int token, int position, int sequence, bool wanted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Count, _capacity);
        _numbers[Count] = token;
        _numbers[_capacity + Count] = position;
        *_sequences[Count] = sequence;
        _wanted[Count] = wanted ? (byte)1 : (byte)0;
        Count++;
    }

    public void Dispose()
    {
        NativeMemory.Free(_numbers);
        NativeMemory.Free(_sequences);
        NativeMemory.Free(_wanted);
    }
}
