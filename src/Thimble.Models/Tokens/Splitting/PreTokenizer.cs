namespace Thimble.Models.Tokens;

/// <summary>How a byte-pair tokenizer cuts text into words before it merges, and what else goes with the name in the file.</summary>
/// <param name="Splitters">Applied one after another, each to the parts the one before has left.</param>
/// <param name="IgnoreMerges">Whether a word that is a token is that token, however its merges run.</param>
/// <param name="AddBegin">Whether a text begins with the begin-of-text token unless the file says otherwise.</param>
/// <param name="RawBytes">Whether tokens are written as text, with <c>▁</c> for a space, and not in GPT-2's byte alphabet.</param>
internal sealed record PreTokenizer(
    Splitter[] Splitters, bool IgnoreMerges = false, bool AddBegin = false, bool RawBytes = false)
{
    /// <summary>One that cuts by patterns.</summary>
    public PreTokenizer(params string[] patterns)
        : this(Array.ConvertAll(patterns, Open))
    {
    }

    /// <summary>A splitter for a pattern: scanned by hand where somebody has written the scanner.</summary>
    public static Splitter Open(string pattern)
    {
        if (pattern == Gpt2Splitter.Pattern)
            return new Gpt2Splitter();

        foreach ((int digits, bool marks) in ((int, bool)[])[(1, false), (3, false), (1, true)])
        {
            if (pattern == LlamaSplitter.Pattern(digits, marks))
                return new LlamaSplitter(digits, marks);
        }

        return new PatternSplitter(pattern);
    }
}
