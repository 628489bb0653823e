namespace Thimble.Models.Tokens;

/// <summary>Byte strings end to end in one array, by number: a vocabulary without an object per token.</summary>
internal sealed class ByteStrings
{
    private byte[] _bytes;
    private int[] _starts;

    public ByteStrings(int strings, int bytes)
    {
        _bytes = new byte[bytes];
        _starts = new int[strings + 1];
    }

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int number] => _bytes.AsSpan(_starts[number].._starts[number + 1]);

    public int Add(ReadOnlySpan<byte> text)
    {
        int start = _starts[Count], end = start + text.Length;
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(end, 2 * _bytes.Length));
        if (Count + 1 == _starts.Length)
            Array.Resize(ref _starts, 2 * _starts.Length);
        text.CopyTo(_bytes.AsSpan(start));
        _starts[++Count] = end;
        return Count - 1;
    }
}
