using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>The words of texts, cut as a tokenizer cuts them before it merges, and how often each stands there.</summary>
/// <param name="splitters">Applied one after another, each to the parts the one before has left.</param>
internal sealed class WordCounts(Splitter[] splitters)
{
    private readonly ByteStrings _words = new(1 << 12, 1 << 16);
    private ByteStringIndex? _index;
    private long[] _counts = new long[1 << 12];

    /// <summary>Different words.</summary>
    public int Count => _words.Count;

    /// <summary>Bytes of all texts.</summary>
    public long Bytes { get; private set; }

    /// <summary>A word.</summary>
    public ReadOnlySpan<byte> Word(int number) => _words[number];

    /// <summary>How often a word stands in the texts.</summary>
    public long Times(int number) => _counts[number];

    /// <summary>Counts the words of a text.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public void Add(ReadOnlySpan<byte> text)
    {
        Bytes += text.Length;
        Split(text, 0);
    }

    private void Split(ReadOnlySpan<byte> text, int pass)
    {
        if (pass == splitters.Length)
        {
            CountWord(text);
            return;
        }

        for (int at = 0; at < text.Length;)
        {
            int end = splitters[pass].Next(text, at);
            Split(text[at..end], pass + 1);
            at = end;
        }
    }

    private void CountWord(ReadOnlySpan<byte> word)
    {
        _index ??= new ByteStringIndex(_words, 1 << 12);
        int number = _index.Find(word);
        if (number < 0)
            number = _index.Add(_words.Add(word));
        if (number == _counts.Length)
            Array.Resize(ref _counts, 2 * number);
        _counts[number]++;
    }
}
